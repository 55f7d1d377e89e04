import { asOperator } from '#server/db/tenant-scope.ts'
import { confirmAnnouncement, draftAnnouncement, setPanelMuted } from '#server/modules/admin/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { askConfirmation } from '../ask-confirmation.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { isolate, numberText, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'
import { type Target, withTarget } from './find-target.ts'

const askText = (talk: Talk, target: Target | null): Reply => ({
  text:
    target === null
      ? talk.t('operator.message.askAll')
      : say(talk, 'operator.message.askOne', { name: isolate(target.name) }),
  awaits: { input: 'msg.text', args: [target?.tenantId ?? 0] },
})

const chooseAudience = (talk: Talk): Reply => ({
  text: talk.t('operator.message.choose'),
  rows: [
    [{ label: talk.t('operator.button.everybody'), action: 'msg.all', tenantId: 0 }],
    [{ label: talk.t('operator.button.customers'), action: 'cust', tenantId: 0 }],
  ],
})

/** Shows what is going to be said and to how many; nothing is said before "yes". */
const preview = async (talk: Talk, text: string): Promise<Reply> => {
  const actor = actingOperator(talk)
  const forTenant = Number(talk.args[0] ?? 0)
  const input = {
    tenantId: forTenant === 0 ? null : forTenant,
    text,
    authorId: talk.speaker.telegramId,
    reference: talk.reference,
  }
  const { announcement, audience } = await asOperator(talk.deps.db, 'draft an announcement', (tx) =>
    draftAnnouncement(tx, input, actor),
  )
  const params = {
    number: numberText(talk, audience.recipients.length),
    unreachable: numberText(talk, audience.unreachable),
    muted: numberText(talk, audience.muted),
  }
  const question = `${say(talk, 'operator.message.preview', params)}\n<blockquote>${isolate(escapeText(announcement.text ?? ''))}</blockquote>`
  return askConfirmation(talk, { action: 'msg.send', args: [announcement.id], tenantId: 0, question, back: 'msg' })
}

const send = async (talk: Talk): Promise<Reply> => {
  const actor = actingOperator(talk)
  const id = Number(talk.args[0] ?? 0)
  const { announcement, told } = await asOperator(talk.deps.db, 'announce', (tx) => confirmAnnouncement(tx, id, actor))
  const number = numberText(talk, announcement.recipients ?? 0)
  return { text: say(talk, told > 0 ? 'operator.message.sent' : 'operator.message.known', { number }) }
}

export const message: PanelCommand = {
  key: 'msg',
  name: 'mesaj',
  aliases: ['announce', 'duyuru'],
  audience: 'operator',
  needs: 'installation.message',
  about: 'operator.about.message',
  run: (talk) =>
    talk.tenant === null && talk.args.length === 0
      ? chooseAudience(talk)
      : withTarget(talk, 'msg.one', (target) => askText(talk, target)),
  actions: {
    all: { run: (talk) => askText(talk, null) },
    one: { run: (talk) => withTarget(talk, 'msg.one', (target) => askText(talk, target)) },
    // Asked by the preview, which shows the text as it will be read.
    send: { confirm: (talk) => talk.t('operator.message.again'), run: send },
  },
  inputs: { text: { run: (talk, written) => preview(talk, written.text) } },
}

const setMuted = async (talk: Talk, isMuted: boolean): Promise<Reply> => {
  const { telegramId } = talk.speaker
  await asOperator(talk.deps.db, 'announcements wanted', (tx) =>
    setPanelMuted(tx, telegramId, isMuted ? talk.at : null),
  )
  const button = { label: talk.t(isMuted ? 'notice.button.unmute' : 'notice.button.mute'), tenantId: 0 }
  return {
    text: talk.t(isMuted ? 'notice.muted' : 'notice.unmuted'),
    rows: [[{ ...button, action: isMuted ? 'mute.off' : 'mute' }]],
    asNew: true,
  }
}

/** Whether somebody wants announcements: their own choice, offered under each. */
export const muting: PanelCommand = {
  key: 'mute',
  name: 'duyuru_kapat',
  aliases: ['mute'],
  audience: 'anyone',
  about: 'notice.about.mute',
  isHidden: true,
  run: (talk) => setMuted(talk, true),
  actions: { off: { run: (talk) => setMuted(talk, false) } },
}
