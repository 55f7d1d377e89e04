import { AppError } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type Account, linkManagedBot, listAccounts, rotateBotToken } from '#server/modules/accounts/index.ts'
import { findOpenOnboarding, linkBot } from '#server/modules/onboarding/index.ts'
import { createPageLink } from '#server/modules/tenancy/index.ts'

import { BOT_TOKEN } from '../bot-token.ts'
import type { PanelCommand, Written } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { isolate, say } from '../say.ts'
import { type Talk, actingOn, inTalkTenant, tenantOf } from '../talk.ts'
import { linkRows } from './link-rows.ts'

const AWAIT_TOKEN_MS = 60 * 60_000

const ways = (talk: Talk): Reply => ({
  text: talk.t('linking.ways'),
  rows: [...linkRows(talk, tenantOf(talk).id), [{ label: talk.t('button.back'), action: 'acc' }]],
  awaits: { input: 'link.token', forMs: AWAIT_TOKEN_MS },
})

const backRow = (talk: Talk) => [{ label: talk.t('button.back'), action: 'link' }]

const paste = (talk: Talk): Reply => ({
  text: talk.t('linking.paste'),
  rows: [backRow(talk)],
  awaits: { input: 'link.token', forMs: AWAIT_TOKEN_MS },
})

const business = (talk: Talk): Reply => ({
  text: say(talk, 'linking.business', { bot: talk.panel.username === null ? '' : `@${talk.panel.username}` }),
  rows: [backRow(talk)],
})

/** Codes and passwords are never asked for in a chat: Telegram's terms forbid it, and a code seen here would be void. */
const own = async (talk: Talk): Promise<Reply> => {
  const { db, publicUrl, linksOwnAccounts } = talk.deps
  if (publicUrl === null || !linksOwnAccounts) return { toast: talk.t('linking.ownOff') }
  const { telegramId, locale } = talk.speaker
  const open = await findOpenOnboarding(talk.deps.onboarding, { telegramId })
  const { id: tenantId } = tenantOf(talk)
  const onboardingId = open?.tenantId === tenantId ? open.id : null
  const subject = { purpose: 'login', telegramId, tenantId, onboardingId, locale } as const
  const link = await createPageLink(db, subject, talk.deps.pace.now())
  return {
    text: talk.t('linking.own'),
    rows: [[{ label: talk.t('button.openPage'), url: `${publicUrl}${link.path}` }], backRow(talk)],
  }
}

/** The onboarding this link is a step of; asked before linking, since one that can end at once may end by itself. */
const findOwnOnboarding = async (talk: Talk): Promise<number | null> => {
  const open = await findOpenOnboarding(talk.deps.onboarding, { telegramId: talk.speaker.telegramId })
  return open !== null && open.tenantId === tenantOf(talk).id ? open.id : null
}

const linked = (talk: Talk, account: Account, key: string, onboardingId: number | null = null): Reply => ({
  text: say(talk, key, {
    name: isolate(account.displayName),
    username: account.username === null ? '' : `@${account.username}`,
  }),
  rows: [
    onboardingId === null
      ? []
      : [{ label: talk.t('button.goOn'), action: 'onb.show', args: [onboardingId], tenantId: 0 }],
    [{ label: talk.t('button.showAccount'), action: 'acc.show', args: [account.id], tenantId: account.tenantId }],
  ],
  asNew: true,
})

/** BotFather's whole message may be pasted: the key is found in it. */
const tokenIn = (text: string): string => BOT_TOKEN.exec(text)?.[0] ?? text

const linkToken = async (talk: Talk, { text }: Written): Promise<Reply> => {
  const actor = actingOn(talk)
  const { tenantId } = actor
  const { telegramId } = talk.speaker
  const link = { tenantId, token: tokenIn(text), apiRoot: talk.panel.apiRoot, telegramId, surface: 'bot' } as const
  const onboardingId = await findOwnOnboarding(talk)
  try {
    return linked(talk, await linkBot(talk.deps.onboarding, link, actor), 'linking.linked', onboardingId)
  } catch (error) {
    // Linked already, maybe by this very message before an answer could be given: that is what was wanted.
    if (!(error instanceof AppError)) throw error
    const same = (await inTalkTenant(talk, listAccounts)).find(({ id }) => id === error.params['id'])
    if (error.code === 'account_already_linked' && same) return linked(talk, same, 'linking.already', onboardingId)
    throw error
  }
}

const askRenewal = (talk: Talk): Reply => ({
  text: talk.t('linking.renew'),
  rows: [[{ label: talk.t('button.back'), action: 'acc.show', args: talk.args.slice(0, 1) }]],
  awaits: { input: 'link.renewed', args: talk.args.slice(0, 1) },
})

const renew = async (talk: Talk, { text }: Written): Promise<Reply> => {
  const actor = actingOn(talk)
  const id = Number(talk.args[0] ?? 0)
  const account = await rotateBotToken(talk.deps.accounts, actor.tenantId, id, actor, tokenIn(text))
  return linked(talk, account, 'linking.renewed')
}

/**
 * A bot made for ours to look after, or a new key of one: Telegram told us, so nothing is asked. One that a member
 * disconnected stays so: the key that was made worthless with it is told here, too.
 */
const made = async (talk: Talk): Promise<Reply> => {
  const actor = actingOn(talk)
  const botTelegramId = Number(talk.args[0] ?? 0)
  const { tenantId } = actor
  const own = (await inTenant(talk.deps.db, tenantId, listAccounts)).find(
    (account) => account.telegramId === botTelegramId,
  )
  if (own?.stateReason === 'disconnected_by_member') return {}
  const ownerTelegramId = talk.speaker.telegramId
  const input = { tenantId, managerAccountId: talk.panel.accountId, botTelegramId, ownerTelegramId }
  const onboardingId = await findOwnOnboarding(talk)
  const account = await linkManagedBot(talk.deps.accounts, input, actor)
  // A new key of a bot that works already is no news to anybody.
  return own && own.state !== 'disconnected' && own.linkedAt < talk.at
    ? {}
    : linked(talk, account, 'linking.linked', onboardingId)
}

export const linking: PanelCommand = {
  key: 'link',
  name: 'hesap_bagla',
  aliases: ['link_account', 'bagla'],
  audience: 'member',
  needs: 'accounts.link',
  about: 'command.link',
  run: ways,
  actions: {
    paste: { run: paste },
    business: { run: business },
    own: { run: own },
    renew: { run: askRenewal },
    made: { isTold: true, run: made },
  },
  inputs: { token: { run: linkToken }, renewed: { run: renew } },
}
