import type { Voice } from '#server/modules/conversations/index.ts'
import { moneyText } from '#server/modules/sales/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import {
  type CatalogueItem,
  cutLabel,
  findTopic,
  pageButtons,
  pageOf,
  topicButton,
  topicsOf,
} from './present-voice.rules.ts'
import { findWayIn } from './show-way-in.ts'
import { type Answer, type Row, type Talk, reply, say } from './talk.ts'

const TOPICS_SHOWN = 8
/** Thirty of the longest names keep below the length of a message. */
const PRICES_SHOWN = 30

const FIXED_ROWS: readonly Row[] = [['price', 'human'], ['night', 'privacy'], ['stop']]

/** Words of the persona's own: as they are written, without markup. */
const greetingOf = (talk: Talk, voice: Voice | null): string =>
  voice?.persona?.greeting
    ? escapeText(voice.persona.greeting)
    : say(talk, 'start.greeting', { name: escapeText(talk.person.firstName) })

/** How the account greets: in its persona's words, or ours where it has none. */
export const greet = async (talk: Talk): Promise<string> => greetingOf(talk, await talk.voice())

/** The persona's services and frequent questions as buttons, above what every account offers. */
export const menu: Answer = async (talk) => {
  const voice = await talk.voice()
  const topics = voice?.persona ? topicsOf(voice.persona) : []
  const page = pageOf(topics, talk.argument, TOPICS_SHOWN)
  const wayIn = await findWayIn(talk, 'menu')
  return reply(
    talk,
    [say(talk, 'menu.text'), ...(topics.length > 0 ? [say(talk, 'menu.topics')] : []), ...wayIn.lines].join('\n\n'),
    [...page.items.map((found) => [topicButton(found)]), pageButtons('menu', page), ...wayIn.rows, ...FIXED_ROWS],
    wayIn.counted,
  )
}

/** Text from somebody else, kept from turning the line around it: Unicode's first-strong isolate. */
const isolate = (text: string): string => `\u2068${text}\u2069`

const priceLine = (talk: Talk, item: CatalogueItem): string =>
  say(talk, 'prices.line', { name: isolate(escapeText(item.name)), price: isolate(moneyText(item, talk.locale)) })

/** One item of the menu, with the price that the catalogue has for it. */
export const topic: Answer = async (talk) => {
  const persona = (await talk.voice())?.persona
  const found = persona && findTopic(topicsOf(persona), talk.argument)
  if (!found) return say(talk, 'unknown')
  const parts = [
    `<b>${escapeText(found.label)}</b>`,
    ...(found.text === '' ? [] : [escapeText(found.text)]),
    ...(found.price ? [priceLine(talk, found.price)] : []),
  ]
  const rows = [
    ...found.topics.map((below) => [topicButton(below)]),
    ...(found.link === null ? [] : [[{ text: cutLabel(found.label), url: found.link }]]),
  ]
  return reply(talk, parts.join('\n\n'), [...rows, ['menu', 'human']])
}

/** The catalogue; an account without one has the price of its product alone, and one without a price has none to tell. */
const pricesOf = (talk: Talk, voice: Voice | null): readonly CatalogueItem[] => {
  const catalogue = voice?.persona?.facts.catalogue ?? []
  if (catalogue.length > 0 || !voice?.settings) return catalogue
  const { productPriceMinor: priceMinor, productCurrency: currency } = voice.settings
  return priceMinor > 0 ? [{ name: talk.t('prices.product'), priceMinor, currency }] : []
}

export const price: Answer = async (talk) => {
  const prices = pricesOf(talk, await talk.voice())
  const wayIn = await findWayIn(talk, 'price')
  const page = pageOf(prices, talk.argument, PRICES_SHOWN)
  const words =
    prices.length === 0
      ? [say(talk, 'price')]
      : [say(talk, 'prices.title'), page.items.map((item) => priceLine(talk, item)).join('\n'), say(talk, 'prices.ask')]
  return reply(
    talk,
    [...words, ...wayIn.lines].join('\n\n'),
    [pageButtons('price', page), ...wayIn.rows, prices.length === 0 ? ['human'] : ['human', 'menu']],
    wayIn.counted,
  )
}
