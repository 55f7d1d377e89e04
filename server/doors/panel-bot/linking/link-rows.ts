import { randomWord } from '#server/base/secret.ts'

import type { PanelButton } from '../reply.ts'
import type { Talk } from '../talk.ts'

/** Opens Telegram's own screen that makes a bot for this bot to look after; nobody sees its token. */
const managedBotUrl = (talk: Talk): string | null => {
  const manager = talk.panel.username
  if (manager === null) return null
  const name = encodeURIComponent(talk.speaker.name.slice(0, 64))
  return `https://t.me/newbot/${manager}/gc_${randomWord(8)}_bot?name=${name}`
}

/** The ways to link an account, the easiest first. */
export const linkRows = (talk: Talk, tenantId: number): readonly (readonly PanelButton[])[] => {
  const button = (label: string, action: string): PanelButton => ({ label: talk.t(label), action, tenantId })
  const managed = managedBotUrl(talk)
  const mayLogIn = talk.deps.publicUrl !== null && talk.deps.linksOwnAccounts
  return [
    managed === null ? [] : [{ label: talk.t('button.managedBot'), url: managed }],
    [button('button.pasteToken', 'link.paste'), button('button.business', 'link.business')],
    mayLogIn ? [button('button.ownAccount', 'link.own')] : [],
  ]
}
