import { REPLY_MODES } from '#contract/words.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { describeReplyModes, getAccountSettings, setReplyMode } from '#server/modules/conversations/index.ts'
import { can } from '#server/modules/tenancy/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { isolate, say } from '../say.ts'
import { type Talk, actingOn, inTalkTenant, tenantOf } from '../talk.ts'

/** A tenant with one account goes straight to it. */
const run = async (talk: Talk): Promise<Reply> => {
  const all = await inTalkTenant(talk, listAccounts)
  const accounts = all.filter((account) => account.purpose === 'contacts' && account.state !== 'disconnected')
  const [only] = accounts
  if (only && accounts.length === 1) return show({ ...talk, args: [String(only.id)] })
  return {
    text: accounts.length === 0 ? talk.t('accounts.none') : talk.t('whichAccount'),
    rows: [
      ...accounts.map((account) => [{ label: account.displayName, action: 'mode.show', args: [account.id] }]),
      accounts.length === 0 && can(tenantOf(talk).access, 'accounts.link')
        ? [{ label: talk.t('button.linkAccount'), action: 'link' }]
        : [],
    ],
  }
}

const show = async (talk: Talk): Promise<Reply> => {
  const accountId = Number(talk.args[0] ?? 0)
  const { modes, settings, name } = await inTalkTenant(talk, async (tx) => ({
    modes: await describeReplyModes(tx, accountId, talk.at),
    settings: await getAccountSettings(tx, accountId, talk.at),
    name: (await listAccounts(tx)).find((account) => account.id === accountId)?.displayName ?? '',
  }))
  const guides = modes.map(({ mode, holds, liftedBy }) => {
    const mark = holds ? '✅' : liftedBy === null ? '▫️' : '🔒'
    const lift =
      liftedBy === null ? '' : `\n${say(talk, 'modes.locked', { package: talk.t(`words:package.${liftedBy}`) })}`
    const text = [talk.t(`modes.${mode}.about`), talk.t(`modes.${mode}.steps`)].join('\n')
    return `${mark} <b>${talk.t(`modes.${mode}.name`)}</b>\n${text}${lift}`
  })
  const rests =
    settings.chosen.replyMode === settings.effective.replyMode
      ? []
      : [
          say(talk, 'modes.fallsBack', {
            chosen: talk.t(`modes.${settings.chosen.replyMode}.name`),
            holds: talk.t(`modes.${settings.effective.replyMode}.name`),
          }),
        ]
  const mayEdit = can(tenantOf(talk).access, 'settings.edit')
  return {
    text: [`<b>${escapeText(isolate(name))}</b>\n${talk.t('modes.title')}`, ...guides, ...rests].join('\n\n'),
    rows: [
      ...(mayEdit
        ? modes.map(({ mode, holds }) => [
            {
              label: `${holds ? '✅ ' : ''}${talk.t(`modes.${mode}.name`)}`,
              action: 'mode.set',
              args: [accountId, mode],
            },
          ])
        : []),
      [{ label: talk.t('button.back'), action: 'acc.show', args: [accountId] }],
    ],
  }
}

const set = async (talk: Talk): Promise<Reply> => {
  const mode = REPLY_MODES.find((word) => word === talk.args[1])
  if (!mode) return { toast: talk.t('refusal.stale') }
  const accountId = Number(talk.args[0] ?? 0)
  const actor = actingOn(talk)
  await inTalkTenant(talk, (tx) => setReplyMode(tx, { accountId, mode }, actor))
  return { ...(await show(talk)), toast: talk.t('modeSet', { mode: talk.t(`modes.${mode}.name`) }) }
}

export const modes: PanelCommand = {
  key: 'mode',
  name: 'mod',
  aliases: ['mode', 'reply_mode'],
  audience: 'member',
  needs: 'settings.view',
  about: 'command.mode',
  run,
  actions: { show: { run: show }, set: { needs: 'settings.edit', run: set } },
}
