import type { ImportedPerson } from './csv-row.rules.ts'

const keyOf = (person: ImportedPerson): string =>
  person.telegramId === null ? `@${person.username?.toLowerCase()}` : String(person.telegramId)

const min = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))
const max = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** Two rows about one person as one; of two values the first's is kept. */
export const unitePeople = (a: ImportedPerson, b: ImportedPerson): ImportedPerson => {
  const named = a.firstName !== '' || a.lastName !== ''
  return {
    telegramId: a.telegramId ?? b.telegramId,
    username: a.username ?? b.username,
    firstName: named ? a.firstName : b.firstName,
    lastName: named ? a.lastName : b.lastName,
    languageCode: a.languageCode ?? b.languageCode,
    timeZone: a.timeZone ?? b.timeZone,
    isPremium: a.isPremium || b.isPremium,
    tags: [...new Set([...a.tags, ...b.tags])].sort(),
    attributes: { ...b.attributes, ...a.attributes },
    firstSeenAt: min(a.firstSeenAt, b.firstSeenAt),
    lastSeenAt: max(a.lastSeenAt, b.lastSeenAt),
  }
}

/**
 * Rows about the same person as one, in order of first mention: by Telegram id, and a row with a user name alone joins
 * the row of that name with an id. Of two values the earlier row's is kept, as it would be in two batches.
 */
export const mergePeople = (people: readonly ImportedPerson[]): ImportedPerson[] => {
  const byKey = new Map<string, ImportedPerson>()
  const idByName = new Map<string, string>()
  for (const person of people) {
    if (person.telegramId !== null && person.username !== null && !idByName.has(person.username.toLowerCase())) {
      idByName.set(person.username.toLowerCase(), String(person.telegramId))
    }
  }
  for (const person of people) {
    const own = keyOf(person)
    const key = person.telegramId === null ? (idByName.get(person.username?.toLowerCase() ?? '') ?? own) : own
    const other = byKey.get(key)
    byKey.set(key, other ? unitePeople(other, person) : { ...person, tags: [...person.tags].sort() })
  }
  return [...byKey.values()]
}
