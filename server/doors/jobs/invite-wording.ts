import { LOCALES, type Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Addressee, InvitationWording, LinkWording } from '#server/modules/invites/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

/** The product's own words about invitations, in the language of who reads them. */
export const createInviteWording = (translator: (locale: Locale) => Translate): LinkWording & InvitationWording => {
  const sayTo = ({ tenant, languageCode, fallback }: Addressee) => {
    const t = translator(LOCALES.find((locale) => locale === languageCode?.slice(0, 2).toLowerCase()) ?? fallback)
    return (key: string, params: Readonly<Record<string, string>> = {}) =>
      t(key, { sender: escapeText(tenant.senderName), ...params })
  }
  return {
    link: (person, link) => sayTo(person)('invite.link', { link }),
    byHand: (person) => sayTo(person)('invite.byHand'),
    invitation(person, chatTitle) {
      const say = sayTo(person)
      return {
        text: say('invite.ask', { chat: escapeText(chatTitle) }),
        labels: { yes: say('button.invite_yes'), no: say('button.invite_no'), stop: say('button.stop') },
      }
    },
  }
}
