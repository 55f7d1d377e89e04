import { invalid } from '#server/base/errors.ts'
import { escapeText } from '#server/modules/templates/index.ts'

/** What an account says in one chat by itself. */
export interface ChatVoice {
  readonly chatId: number
  /** The account that speaks. */
  readonly accountId: number
  /** Telegram HTML with `{{names}}` and `{{chat}}`; null: nobody is welcomed. */
  readonly welcomeText: string | null
  /** Who joins within so long is welcomed in one message. */
  readonly welcomeGatherSeconds: number
  /** The welcome before is deleted once there is a new one. */
  readonly welcomeReplaces: boolean
  /** Telegram HTML; null: there are none. */
  readonly rulesText: string | null
  /** Posts by schedule go out. Off until somebody turns it on. */
  readonly isPostingOn: boolean
}

/** So many newcomers are named; the others are a number. */
export const NAMED_MAX = 5

const TEXT_MAX = 1_000
const RULES_MAX = 4_096

/** Errors: `invalid` with `text_length`, `whole_number_expected`. */
export const checkVoice = (voice: ChatVoice): ChatVoice => {
  const { welcomeText, rulesText, welcomeGatherSeconds: gather } = voice
  if (welcomeText !== null && (welcomeText.trim() === '' || welcomeText.length > TEXT_MAX))
    throw invalid('text_length', 'welcomeText', { min: 1, max: TEXT_MAX, length: welcomeText.length })
  if (rulesText !== null && (rulesText.trim() === '' || rulesText.length > RULES_MAX))
    throw invalid('text_length', 'rulesText', { min: 1, max: RULES_MAX, length: rulesText.length })
  if (!Number.isInteger(gather) || gather < 5 || gather > 3_600)
    throw invalid('whole_number_expected', 'welcomeGatherSeconds', { given: String(gather), min: 5, max: 3_600 })
  return voice
}

/** A welcome for these newcomers. `more` says how many are not named. Pure. */
export const welcomeFor = (
  text: string,
  newcomers: { readonly names: readonly string[]; readonly count: number },
  chatTitle: string,
  more: (count: number) => string,
): string => {
  const named = newcomers.names.slice(0, NAMED_MAX)
  const unnamed = newcomers.count - named.length
  const list = [...named.map(escapeText), ...(unnamed > 0 ? [more(unnamed)] : [])].join(', ')
  return text.replaceAll('{{names}}', list).replaceAll('{{chat}}', escapeText(chatTitle))
}
