import { type Locale, TEMPLATE_VARIABLES, type TemplateVariable } from '#contract/words.ts'

/** A person as a text may address them. Values are whatever Telegram or an import gave: never trusted, always escaped. */
export interface RenderPerson {
  readonly firstName: string
  readonly lastName: string
  readonly username: string | null
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface RenderContext {
  /** Who speaks, as the tenant calls itself. */
  readonly senderName: string
}

export type VariableName = TemplateVariable | `attr.${string}` | `personal:${string}`

/** How to leave, in the language of the text. The word is understood by every bot, whatever the language. */
export const OPT_OUT_TEXTS: Readonly<Record<Locale, string>> = {
  tr: 'Bu mesajları istemiyorsanız /stop yazın.',
  en: 'To stop these messages, send /stop.',
  ru: 'Чтобы больше не получать сообщения, отправьте /stop.',
  ar: 'لإيقاف هذه الرسائل أرسل /stop',
}

/** Said beneath a message of which a model wrote a part that no person has read, in the language of the text. */
export const AI_NOTE_TEXTS: Readonly<Record<Locale, string>> = {
  tr: 'Bu mesajın bir bölümünü yapay zekâ yazdı.',
  en: 'Part of this message was written by AI.',
  ru: 'Часть этого сообщения написана искусственным интеллектом.',
  ar: 'كتب الذكاء الاصطناعي جزءًا من هذه الرسالة.',
}

/** The longest text of a personal slot and of its fallback, in UTF-16 units. */
export const SLOT_LENGTH_MAX = 120

/**
 * The longest value a variable can take, in UTF-16 units: Telegram's own limits for names, ours for the rest. Longer
 * values are cut, so what the lint measures with these lengths is never exceeded by a real person.
 */
const VARIABLE_LENGTH_MAX: Readonly<Record<TemplateVariable | 'attr', number>> = {
  first_name: 64,
  last_name: 64,
  name: 129,
  username: 33,
  sender: 100,
  opt_out: Math.max(...Object.values(OPT_OUT_TEXTS).map((text) => text.length)),
  attr: 128,
}

const ATTRIBUTE = /^attr\.[a-z0-9_]{1,40}$/u
const SLOT = /^personal:([a-z][a-z0-9_]{0,39})$/u

/** The slot that a variable `personal:slot` names; null for any other variable. */
export const slotOf = (variable: string): string | null => SLOT.exec(variable)?.[1] ?? null

export const isKnownVariable = (name: string): name is VariableName =>
  (TEMPLATE_VARIABLES as readonly string[]).includes(name) || ATTRIBUTE.test(name) || SLOT.test(name)

export const variableLengthMax = (name: VariableName): number =>
  slotOf(name) !== null
    ? SLOT_LENGTH_MAX
    : VARIABLE_LENGTH_MAX[name.startsWith('attr.') ? 'attr' : (name as TemplateVariable)]

/** Line breaks and control characters, and marks that turn the writing direction of what follows. */
// oxlint-disable-next-line no-control-regex -- finding them is the point
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu

/** A value on one line, without marks that could disturb its neighbours, cut to `max` units but never inside a character. */
export const cleanValue = (value: string, max: number): string => {
  const line = UNSAFE.test(value) ? value.replace(UNSAFE, ' ').trim() : value.trim()
  UNSAFE.lastIndex = 0
  if (line.length <= max) return line
  const unit = line.charCodeAt(max - 1)
  return line.slice(0, unit >= 0xd800 && unit <= 0xdbff ? max - 1 : max)
}

/** The raw value of a variable for a person, cleaned and cut; empty when there is none. */
export const variableValue = (
  name: VariableName,
  person: RenderPerson,
  context: RenderContext,
  locale: Locale,
): string => {
  switch (name) {
    case 'first_name':
      return cleanValue(person.firstName, VARIABLE_LENGTH_MAX.first_name)
    case 'last_name':
      return cleanValue(person.lastName, VARIABLE_LENGTH_MAX.last_name)
    case 'name':
      return cleanValue(`${person.firstName} ${person.lastName}`, VARIABLE_LENGTH_MAX.name)
    case 'username':
      return person.username ? cleanValue(`@${person.username}`, VARIABLE_LENGTH_MAX.username) : ''
    case 'sender':
      return cleanValue(context.senderName, VARIABLE_LENGTH_MAX.sender)
    case 'opt_out':
      return OPT_OUT_TEXTS[locale]
    default:
      // What a model wrote into a slot is no property of a person; see `renderVariant`.
      if (slotOf(name) !== null) return ''
      return attributeValue(person.attributes?.[name.slice('attr.'.length)])
  }
}

const attributeValue = (value: unknown): string => {
  if (typeof value === 'string') return cleanValue(value, VARIABLE_LENGTH_MAX.attr)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return ''
}
