import { LOCALES, type Locale } from '#contract/words.ts'

/** One file of texts as parsed from JSON. */
export type Catalogue = { readonly [key: string]: string | Catalogue }

const PLURAL = /^(.+)_(zero|one|two|few|many|other)$/
const PLACEHOLDER = /{{\s*-?\s*(\w+)[^}]*}}/g

/** `{a: {b: 'x'}}` as `a.b → x`. */
export const flatten = (catalogue: Catalogue, prefix = ''): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(catalogue).flatMap(([key, value]): (readonly [string, string])[] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)],
    ),
  )

const placeholders = (text: string): string =>
  [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name ?? ''))].sort().join(',')

interface Entry {
  /** Form by plural category; a plain text has the single form `''`. */
  readonly forms: Map<string, string>
}

/** Every language here has at least two plural forms, so a lone `rejected_other` is a name and no plural. */
const isPluralStem = (texts: ReadonlyMap<string, string>, stem: string): boolean =>
  texts.has(`${stem}_other`) &&
  ['zero', 'one', 'two', 'few', 'many'].some((category) => texts.has(`${stem}_${category}`))

/** Texts by key; the forms of a plural are one entry. */
const entriesOf = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, Entry> => {
  const entries = new Map<string, Entry>()
  for (const [key, text] of texts) {
    const [, stem = key, category = ''] = PLURAL.exec(key) ?? []
    const isPlural = category !== '' && isPluralStem(texts, stem)
    const name = isPlural ? stem : key
    const entry = entries.get(name) ?? { forms: new Map() }
    entry.forms.set(isPlural ? category : '', text)
    entries.set(name, entry)
  }
  return entries
}

const pluralFaults = (locale: Locale, name: string, entry: Entry): readonly string[] => {
  if (entry.forms.has('')) return []
  const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories
  const missing = wanted
    .filter((category) => !entry.forms.has(category))
    .map((category) => `${locale} ${name}: no form "${category}"`)
  const needless = [...entry.forms.keys()].filter((category) => !wanted.some((w) => w === category))
  return [...missing, ...needless.map((category) => `${locale} ${name}: ${locale} has no form "${category}"`)]
}

/** Placeholders of each form; forms for 0, 1 and 2 may say the number in words, so `count` does not count there. */
const signature = (entry: Entry): string => placeholders(entry.forms.get('') ?? entry.forms.get('other') ?? '')

const compare = (
  reference: ReadonlyMap<string, Entry>,
  locale: Locale,
  entries: ReadonlyMap<string, Entry>,
): readonly string[] => {
  const faults: string[] = []
  for (const [name, entry] of reference) {
    const other = entries.get(name)
    if (!other) faults.push(`${locale} ${name}: missing`)
    else if (signature(other) !== signature(entry)) {
      faults.push(`${locale} ${name}: placeholders {${signature(other)}}, English has {${signature(entry)}}`)
    }
  }
  for (const name of entries.keys()) if (!reference.has(name)) faults.push(`${locale} ${name}: not in English`)
  return faults
}

/** What differs between the languages of one catalogue; English is the reference. Empty when they agree. */
export const parityFaults = (catalogues: Readonly<Record<Locale, Catalogue>>): readonly string[] => {
  const reference = entriesOf(flatten(catalogues.en))
  return LOCALES.flatMap((locale) => {
    const texts = flatten(catalogues[locale])
    const entries = entriesOf(texts)
    const empty = [...texts].filter(([, text]) => text.trim() === '').map(([key]) => `${locale} ${key}: empty`)
    const plurals = [...entries].flatMap(([name, entry]) => pluralFaults(locale, name, entry))
    return [...empty, ...plurals, ...(locale === 'en' ? [] : compare(reference, locale, entries))]
  })
}
