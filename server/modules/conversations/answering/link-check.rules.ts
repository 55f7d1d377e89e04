import { visible } from './plain-digits.rules.ts'

const TLDS =
  'com|net|org|info|biz|io|app|dev|me|co|tv|cc|ai|gg|ly|to|tr|az|ru|su|ua|kz|by|uz|ae|sa|eg|qa|kw|om|bh|jo|iq|de|fr|uk|us|eu|nl|es|it|pl|in|cn|ir|shop|store|site|online|xyz|link|click|top|club|live|vip|pro|page|web|cloud|group|space|website|blog|news|lol|рф|онлайн|سعودية|امارات|مصر'
const URL = /(?:https?|ftp|tg|ton|mailto):(?:\/\/)?[^\s<>"']+/giu
const BARE = new RegExp(
  String.raw`(?<![\p{L}\p{N}_@.\-/])(?:[\p{L}\p{N}-]{1,63}\.)+(?:${TLDS})(?![\p{L}\p{N}])(?::\d+)?(?:/[^\s<>"']*)?`,
  'giu',
)
/** Written so that only a person reads it as an address. */
const HIDDEN = new RegExp(
  String.raw`[\p{L}\p{N}-]+ ?(?:[[({] ?(?:\.|dot|nokta|точка|نقطة) ?[\])}]| (?:dot|nokta|точка|نقطة) ) ?(?:${TLDS})(?![\p{L}\p{N}])`,
  'iu',
)
const ADDRESS = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/giu
const MENTION = /(?<![\p{L}\p{N}_@.])@([a-z]\w{3,31})/giu

/** Hosts where everybody has a place: there the place counts. */
const SHARED_HOSTS = new Set(
  't.me telegram.me telegram.dog wa.me instagram.com facebook.com fb.com x.com twitter.com youtube.com youtu.be tiktok.com vk.com linktr.ee bit.ly tinyurl.com cutt.ly forms.gle docs.google.com drive.google.com goo.gl sites.google.com github.io'.split(
    ' ',
  ),
)
const TELEGRAM_HOSTS = new Set(['t.me', 'telegram.me', 'telegram.dog'])

const placeOf = (found: string): string => {
  const bare = found
    .toLowerCase()
    .replace(/^[a-z]+:(?:\/\/)?/u, '')
    .replace(/[.,:;!?)\]}»”'"]+$/u, '')
  // What stands before an @ is shown and not visited.
  const address = bare.slice(0, bare.search(/[/?#]|$/u)).includes('@') ? bare.slice(bare.indexOf('@') + 1) : bare
  const [host = '', path = ''] = address.split(/[/?#]/u, 2)
  const name = host.replace(/:\d+$/u, '').replace(/^www\./u, '')
  if (TELEGRAM_HOSTS.has(name)) return `@${path}`
  return SHARED_HOSTS.has(name) ? `${name}/${path}` : name
}

/** Hosts, places and user names that a text leads to, each once. */
export const placesIn = (text: string): readonly string[] => {
  const seen = visible(text)
  const addresses = [...seen.matchAll(ADDRESS)].map(([found]) => found.toLowerCase())
  const rest = seen.replaceAll(ADDRESS, ' ')
  const urls = [...rest.matchAll(URL)].map(([found]) => found)
  const bare = [...rest.replaceAll(URL, ' ').matchAll(BARE)].map(([found]) => found)
  const mentions = [...rest.replaceAll(URL, ' ').matchAll(MENTION)].map(([found]) => found.toLowerCase())
  return [...new Set([...addresses, ...[...urls, ...bare].map(placeOf), ...mentions])]
}

/**
 * Whether a text leads to a place that is not `known`: a host, a place on a host of many, a mail address, a user name.
 * `links` are addresses behind words. Total.
 */
export const hasStrangeLink = (text: string, links: readonly string[], known: ReadonlySet<string>): boolean => {
  const places = [...placesIn(text), ...links.flatMap((link) => (link.trim() === '' ? [] : [placeOf(link.trim())]))]
  return HIDDEN.test(visible(text)) || places.some((place) => !known.has(place))
}
