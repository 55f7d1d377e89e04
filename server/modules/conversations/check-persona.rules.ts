import { type AppError, invalid } from '#server/base/errors.ts'
import { findUnacceptableUse } from '#server/modules/templates/index.ts'

import { type MenuItem, type PersonaContent, personaSchema } from './persona.rules.ts'
import { findShapeFaults, parseShape } from '#server/base/parse-shape.ts'
import { findSecretFaults } from './secret-scan.rules.ts'

/** A do-not about saying what one is hides it, however it is put; one about hiding it is what the law wants. */
const OWN_NATURE =
  /(?<!\p{L})(?:yapay zek|ai(?!\p{L})|robot|bot(?!an)|ии(?!\p{L})|бот|робот|искусственн|بوت|روبوت|ذكاء اصطناعي)/iu
const SAYS =
  /söyle|belirt|açıkla|itiraf|kabul et|(?<!\p{L})(?:say(?:s|ing)?|tell\p{L}*)(?!\p{L})|reveal|admit|mention|disclos|говор|сказа|призна|раскры|تقل|قول|كشف|ذكر/iu
const KEEPS_OPEN = /gizle|sakla|inkar|hide|hiding|conceal|deny|denying|скры|отриц|إخفاء|إنكار/iu

const textsOf = (value: unknown, path: string): readonly (readonly [string, string])[] => {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    textsOf(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  )
}

/** At most one for each text. */
function* useFaults(content: PersonaContent): Generator<AppError> {
  for (const [field, text] of textsOf(content, '')) {
    const found = findUnacceptableUse(text).find(({ category }) => category !== 'scarcity')
    const isDoNot = field.startsWith('doNots[')
    if (found && !(isDoNot && found.category === 'human_claim'))
      yield invalid(
        found.category === 'human_claim' || found.category === 'ai_hiding' ? 'persona_hides_ai' : 'persona_use',
        field,
        { category: found.category, phrase: found.phrase.replace('*', '…') },
      )
    else if (isDoNot && OWN_NATURE.test(text) && SAYS.test(text) && !KEEPS_OPEN.test(text))
      yield invalid('persona_do_not_hides_ai', field)
  }
}

/** Every entry of a menu with its field. */
const menuEntries = (menu: PersonaContent['menu']): readonly (readonly [string, MenuItem])[] =>
  menu.flatMap((item, i) => [
    [`menu[${i}]`, item] as const,
    ...(item.items ?? []).map((entry, j) => [`menu[${i}].items[${j}]`, entry] as const),
  ])

/** Whoever presses a button is told something. */
function* silentItems({ menu }: PersonaContent): Generator<AppError> {
  for (const [field, { text, product, link, items = [] }] of menuEntries(menu))
    if (text === '' && product === undefined && link === undefined && items.length === 0)
      yield invalid('persona_menu_text', `${field}.text`)
}

/** A price is told from the catalogue or not at all. */
function* strayPrices({ menu, facts }: PersonaContent): Generator<AppError> {
  const names = facts.catalogue.map(({ name }) => name)
  for (const [field, { product }] of menuEntries(menu))
    if (product !== undefined && !names.includes(product))
      yield invalid('persona_menu_product', `${field}.product`, {
        given: product,
        known: names.slice(0, 10).join(', ') || '–',
      })
}

/** What is wrong with a persona, the gravest first. What its texts say is looked at once its shape is right. */
function* faultsOf(given: unknown): Generator<AppError> {
  yield* findSecretFaults(given)
  const shape = findShapeFaults(personaSchema, given)
  yield* shape
  if (shape.length > 0) return
  const content = parseShape(personaSchema, given)
  yield* useFaults(content)
  yield* silentItems(content)
  yield* strayPrices(content)
}

/** Everything {@link checkPersona} would refuse, a refusal for each field; none for a persona that may be kept. */
export const findPersonaFaults = (given: unknown): readonly AppError[] => [...faultsOf(given)]

/**
 * A persona as it may be kept: whole, within its sizes, without secrets or bank data, and never told to pass for a
 * person. Errors: `invalid` with `persona_secret`, `persona_price`, `field_…`, `unknown_word`, `persona_hides_ai`,
 * `persona_do_not_hides_ai`, `persona_use`, `persona_menu_…`, each naming the field.
 */
export const checkPersona = (given: unknown): PersonaContent => {
  for (const fault of faultsOf(given)) throw fault
  return parseShape(personaSchema, given)
}
