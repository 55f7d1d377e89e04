import {
  type Account,
  disconnectAccount,
  getAccount,
  listAccounts,
  pauseAccount,
  resumeAccount,
  rotateBotToken,
} from '#server/modules/accounts/index.ts'
import { notFound } from '#server/base/errors.ts'
import { can } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import { pageOf, pageRow } from '../paging.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { isolate, momentText, say } from '../say.ts'
import { type Talk, actingOn, inTalkTenant, tenantOf } from '../talk.ts'

const MARKS: Readonly<Record<Account['state'], string>> = { active: '🟢', paused: '⏸', disconnected: '⚪️' }
const markOf = (account: Account): string =>
  account.state === 'active' && (account.health !== 'normal' || account.sendingStopped !== null)
    ? '🟡'
    : MARKS[account.state]

const list = async (talk: Talk): Promise<Reply> => {
  const all = await inTalkTenant(talk, listAccounts)
  const accounts = all.filter((account) => account.purpose === 'contacts')
  const page = pageOf(accounts, Number(talk.args[0] ?? 0))
  const mayLink = can(tenantOf(talk).access, 'accounts.link')
  return {
    text: accounts.length === 0 ? talk.t('accounts.none') : talk.t('accounts.title', { count: accounts.length }),
    rows: [
      ...page.items.map((account) => [
        { label: `${markOf(account)} ${account.displayName}`, action: 'acc.show', args: [account.id] },
      ]),
      pageRow(talk, 'acc', page),
      mayLink ? [{ label: talk.t('button.linkAccount'), action: 'link' }] : [],
      [{ label: talk.t('button.dashboard'), action: 'dash' }],
    ],
  }
}

const accountId = (talk: Talk): number => Number(talk.args[0] ?? 0)

/** The account a button names, if it is one of the tenant's that speaks with contacts. Errors: `not_found`. */
const find = async (talk: Talk): Promise<Account> => {
  const account = await inTalkTenant(talk, (tx) => getAccount(tx, accountId(talk)))
  // The panel's own bot is the installation's: ended from here, nobody could undo it here.
  if (account.purpose !== 'contacts') throw notFound('account', account.id)
  return account
}

const linesOf = (talk: Talk, account: Account): readonly string[] => [
  `<b>${say(talk, 'accounts.name', { name: isolate(account.displayName) })}</b>${
    account.username === null ? '' : ` @${account.username}`
  }`,
  say(talk, 'accounts.kind', {
    kind: talk.t(`accounts.kinds.${account.kind}`),
    way: talk.t(`accounts.ways.${account.linkedBy}`),
  }),
  say(talk, 'accounts.state', { state: `${markOf(account)} ${talk.t(`words:accountState.${account.state}`)}` }),
  ...(account.stateReason === null
    ? []
    : [say(talk, 'accounts.reason', { reason: reasonOf(talk, account.stateReason) })]),
  say(talk, 'accounts.health', { health: talk.t(`words:health.${account.health}`) }),
  ...(account.healthReason === null
    ? []
    : [say(talk, 'accounts.reason', { reason: reasonOf(talk, account.healthReason) })]),
  ...(account.waitingUntil === null || account.waitingUntil <= talk.at
    ? []
    : [say(talk, 'accounts.waiting', { until: momentText(talk, account.waitingUntil) })]),
  ...(account.sendingStopped === null
    ? []
    : [say(talk, 'accounts.sendingStopped', { reason: isolate(account.sendingStopped) })]),
  say(talk, 'accounts.linkedAt', { at: momentText(talk, account.linkedAt) }),
  ...rightsOf(talk, account),
]

/** What somebody wrote stays as it is; our own words are translated. */
const reasonOf = (talk: Talk, reason: string): string => {
  for (const catalogue of ['words:reason', 'words:failure', 'accounts.reasons']) {
    const text = talk.t(`${catalogue}.${reason}`)
    if (!text.endsWith(`.${reason}`) && text !== reason) return text
  }
  return isolate(reason)
}

const rightsOf = (talk: Talk, account: Account): readonly string[] =>
  account.businessRights === null
    ? []
    : [
        `<b>${talk.t('accounts.rights')}</b>`,
        account.businessRights.length === 0
          ? talk.t('accounts.noRights')
          : account.businessRights.map((right) => `• ${talk.t(`words:businessRight.${right}`)}`).join('\n'),
      ]

const buttonsOf = (talk: Talk, account: Account): readonly (readonly PanelButton[])[] => {
  const { access } = tenantOf(talk)
  const button = (label: string, action: string): PanelButton => ({
    label: talk.t(label),
    action,
    args: [account.id],
  })
  const controls = can(access, 'accounts.control') && account.state !== 'disconnected'
  const mayRotate = controls && account.kind === 'bot' && can(access, 'accounts.link')
  const mayDisconnect = can(access, 'accounts.disconnect') && account.state !== 'disconnected'
  return [
    controls && account.state === 'active' ? [button('button.pause', 'acc.pause')] : [],
    controls && account.state === 'paused' ? [button('button.resume', 'acc.resume')] : [],
    can(access, 'settings.view') && account.state !== 'disconnected'
      ? [button('button.mode', 'mode.show'), button('button.settings', 'set.show')]
      : [],
    mayRotate ? [button('button.rotate', account.linkedBy === 'managed' ? 'acc.rotate' : 'link.renew')] : [],
    mayDisconnect ? [button('button.disconnect', 'acc.cut')] : [],
    [
      { label: talk.t('button.refresh'), action: 'acc.show', args: [account.id] },
      { label: talk.t('button.back'), action: 'acc' },
    ],
  ]
}

const screenOf = (talk: Talk, account: Account, heading = ''): Reply => ({
  text: [...(heading === '' ? [] : [heading, '']), ...linesOf(talk, account)].join('\n'),
  rows: buttonsOf(talk, account),
})

const pause = async (talk: Talk): Promise<Reply> => {
  const actor = actingOn(talk)
  const { id } = await find(talk)
  const account = await inTalkTenant(talk, (tx) => pauseAccount(tx, id, talk.t('accounts.pausedByMember'), actor))
  return screenOf(talk, account, talk.t('accounts.paused'))
}

const resume = async (talk: Talk): Promise<Reply> => {
  const actor = actingOn(talk)
  const { id } = await find(talk)
  const account = await inTalkTenant(talk, (tx) => resumeAccount(tx, id, actor))
  return screenOf(talk, account, talk.t('accounts.resumed'))
}

const rotate = async (talk: Talk): Promise<Reply> => {
  const actor = actingOn(talk)
  const account = await rotateBotToken(talk.deps.accounts, actor.tenantId, (await find(talk)).id, actor)
  return screenOf(talk, account, talk.t('accounts.rotated'))
}

const disconnect = async (talk: Talk): Promise<Reply> => {
  const actor = actingOn(talk)
  const account = await disconnectAccount(talk.deps.accounts, actor.tenantId, (await find(talk)).id, actor)
  return screenOf(talk, account, talk.t('accounts.disconnected'))
}

const askAbout =
  (key: string) =>
  async (talk: Talk): Promise<string> =>
    say(talk, key, { name: isolate((await find(talk)).displayName) })

export const accounts: PanelCommand = {
  key: 'acc',
  name: 'bot_durum',
  aliases: ['accounts', 'bot_status'],
  audience: 'member',
  needs: 'accounts.view',
  about: 'command.accounts',
  run: list,
  actions: {
    show: { run: async (talk) => screenOf(talk, await find(talk)) },
    pause: { needs: 'accounts.control', run: pause },
    resume: { needs: 'accounts.control', run: resume },
    rotate: { needs: 'accounts.link', confirm: askAbout('accounts.askRotate'), run: rotate },
    cut: { needs: 'accounts.disconnect', confirm: askAbout('accounts.askDisconnect'), run: disconnect },
  },
}
