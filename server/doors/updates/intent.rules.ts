import { type ContactCommand, LOCALES, type Locale } from '#contract/words.ts'
import { isStopWord } from '#server/modules/contacts/index.ts'

/** What a contact can ask a bot for, by command or by button. */
export const INTENTS = [
  'start',
  'menu',
  'topic',
  'price',
  'human',
  'privacy',
  'my_data',
  'erase',
  'erase_yes',
  'erase_no',
  'stop',
  'consent_yes',
  'consent_no',
  'night',
  'night_yes',
  'night_no',
  'invite_yes',
  'invite_no',
  'ai_yes',
  'ai_no',
  'invite',
  'points',
  'order_buy',
  'order_cancel',
  'paysupport',
  'terms',
  'rate',
  'rate_comment',
] as const
export type Intent = (typeof INTENTS)[number]

const COMMANDS: Readonly<Record<ContactCommand, Intent>> = {
  start: 'start',
  menu: 'menu',
  help: 'menu',
  yardim: 'menu',
  fiyat: 'price',
  price: 'price',
  insan: 'human',
  human: 'human',
  gizlilik: 'privacy',
  privacy: 'privacy',
  verilerim: 'my_data',
  mydata: 'my_data',
  sil: 'erase',
  erase: 'erase',
  stop: 'stop',
  dur: 'stop',
  davet: 'invite',
  invite: 'invite',
  puan: 'points',
  points: 'points',
  paysupport: 'paysupport',
  terms: 'terms',
}

const COMMAND = /^\/([a-z_]{1,32})(?:@\w+)?(?:\s|$)/i

/** What a private message asks for; null for one that is just a message. A stop word counts however it is written. */
export const intentOfText = (text: string): Intent | null => {
  if (isStopWord(text)) return 'stop'
  const name = COMMAND.exec(text)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name as ContactCommand] : null
}

/** A button's action and what follows its colon; null where the action is the tenant's own. */
export const intentOfAction = (action: string): { readonly intent: Intent; readonly argument: string } | null => {
  const [name = '', argument = ''] = action.split(':', 2)
  const intent = INTENTS.find((word) => word === name)
  return intent ? { intent, argument } : null
}

/** The language to answer in: the person's, where it is one of ours, else the tenant's. */
export const answerLocale = (languageCode: string | undefined, fallback: Locale): Locale =>
  LOCALES.find((locale) => locale === languageCode?.slice(0, 2).toLowerCase()) ?? fallback
