import { createHash } from 'node:crypto'

import type { Persona } from '#server/modules/conversations/index.ts'

/** Something a contact may ask about by button: an item of the menu or a frequent question. */
export interface Topic {
  /** Names it in a button, for as long as its label stands. */
  readonly key: string
  readonly label: string
  readonly text: string
  readonly price: CatalogueItem | null
  readonly link: string | null
  /** What can be chosen below it. */
  readonly topics: readonly Topic[]
}

export type CatalogueItem = Persona['facts']['catalogue'][number]

const KEY_LENGTH = 10

/** A changed text leaves old buttons valid, a changed label does not: nobody is shown what they did not ask for. */
const keyOf = (kind: string, label: string, sameBefore: number): string =>
  createHash('sha256').update(`${kind}:${label}:${sameBefore}`).digest('hex').slice(0, KEY_LENGTH)

/** What the persona's menu offers, in its order: services first, then frequent questions. */
export const topicsOf = ({ menu, facts }: Pick<Persona, 'menu' | 'facts'>): readonly Topic[] => {
  const seen = new Map<string, number>()
  const topicOf = (kind: string, { label, text, product, link, items = [] }: Persona['menu'][number]): Topic => {
    const before = seen.get(`${kind}:${label}`) ?? 0
    seen.set(`${kind}:${label}`, before + 1)
    return {
      key: keyOf(kind, label, before),
      label,
      text,
      price: facts.catalogue.find(({ name }) => name === product) ?? null,
      link: link ?? null,
      topics: items.map((entry) => topicOf(`${kind}›${label}`, entry)),
    }
  }
  return [
    ...menu.map((item) => topicOf('menu', item)),
    ...facts.faq.map(({ question, answer }) => topicOf('faq', { label: question, text: answer })),
  ]
}

/** The topic of a button, wherever it stands. */
export const findTopic = (topics: readonly Topic[], key: string): Topic | null => {
  const all = topics.flatMap((topic) => [topic, ...topic.topics])
  return all.find((topic) => topic.key === key) ?? null
}

/** What a topic's button does: one that is nothing but a link opens it at once. */
export const topicButton = (
  topic: Topic,
): { readonly text: string; readonly url: string } | { readonly text: string; readonly action: string } => {
  const { label, text, link, price, topics, key } = topic
  const isOnlyLink = link !== null && text === '' && price === null && topics.length === 0
  return isOnlyLink ? { text: cutLabel(label), url: link } : { text: cutLabel(label), action: `topic:${key}` }
}

/** A button holds a line; a question may be longer. */
const LABEL_MAX = 64

export const cutLabel = (text: string): string => {
  const characters = Array.from(text.replaceAll(/\s+/g, ' '))
  return characters.length <= LABEL_MAX ? characters.join('') : `${characters.slice(0, LABEL_MAX - 1).join('')}…`
}

export interface Page<T> {
  readonly items: readonly T[]
  /** From 0. */
  readonly number: number
  readonly count: number
}

/** A page of a list; what an old button carries beyond it gives the nearest. */
export const pageOf = <T>(all: readonly T[], wanted: string, size: number): Page<T> => {
  const count = Math.max(1, Math.ceil(all.length / size))
  const number = Math.min(/^\d{1,4}$/.test(wanted) ? Number(wanted) : 0, count - 1)
  return { items: all.slice(number * size, (number + 1) * size), number, count }
}

/** Buttons to the pages beside this one; none where there is one page. */
export const pageButtons = (
  action: string,
  { number, count }: Page<unknown>,
): readonly { readonly text: string; readonly action: string }[] => {
  if (count < 2) return []
  const to = (page: number, text: string) => ({ text, action: `${action}:${page}` })
  return [
    ...(number > 0 ? [to(number - 1, '◀️')] : []),
    to(number, `${number + 1}/${count}`),
    ...(number < count - 1 ? [to(number + 1, '▶️')] : []),
  ]
}
