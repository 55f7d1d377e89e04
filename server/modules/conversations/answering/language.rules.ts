import type { Locale } from '#contract/words.ts'

/** Words that are frequent in one language and rare in the others. */
const FREQUENT: Readonly<Record<string, readonly string[]>> = {
  tr: 've bir bu için ile de da mi mı ne var yok çok siz size biz bize sizin bizim olarak gibi daha merhaba evet hayır nasıl fiyat olan teşekkürler lütfen ben sen kadar ya veya'.split(
    ' ',
  ),
  en: 'the and is are you your we our to of for with this that can have has it in on i hello yes no how what please thanks thank price be will not at'.split(
    ' ',
  ),
  de: 'der die das und ist nicht ein eine sie wir ich mit für auf den dem sind haben können bitte danke ja nein wie preis'.split(
    ' ',
  ),
  fr: 'le la les et est une des vous nous je pour avec dans pas que qui sont bonjour merci oui non prix votre notre du au'.split(
    ' ',
  ),
  es: 'el los las y es una usted nosotros para con en no que por su hola gracias sí precio está como del al más'.split(
    ' ',
  ),
  it: 'il gli e è una per con non che sono grazie ciao prezzo come della nel si questo voi noi'.split(' '),
  pt: 'o os as e é uma você para com não que por olá obrigado sim preço está como do da em'.split(' '),
  nl: 'de het een en is niet voor met van zijn wij u je ik hallo dank ja nee prijs naar op'.split(' '),
  pl: 'i jest nie w na z do się to że dla pan pani cena proszę tak jak dziękuję'.split(' '),
}
const SETS = Object.entries(FREQUENT).map(([language, words]) => [language, new Set(words)] as const)

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/**
 * The language of a text as far as it can be told for certain: one of ours, `other` for one that is not, null for too few
 * words. Names and prices alone tell nothing. Total.
 */
export const detectLanguage = (text: string): Locale | 'other' | null => {
  const clean = text.replace(/https?:\S+|@\w+|<[^>]*>/gu, ' ')
  const letters = count(clean, /\p{L}/gu)
  if (letters < 3) return null
  const share = (pattern: RegExp) => count(clean, pattern) / letters
  if (share(/\p{Script=Arabic}/gu) > 0.5) return share(/[پچژگی]/gu) > 0.04 ? 'other' : 'ar'
  if (share(/\p{Script=Cyrillic}/gu) > 0.5) return share(/[іїєґўқғңөұһәј]/giu) > 0.02 ? 'other' : 'ru'
  if (share(/\p{Script=Latin}/gu) <= 0.5) return 'other'
  return latin(clean)
}

const latin = (text: string): Locale | 'other' | null => {
  const words = text
    .toLocaleLowerCase('tr')
    .replaceAll('i̇', 'i')
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
  const english = text.toLowerCase().split(/[^\p{L}]+/u)
  const scores = SETS.map(([language, set]) => {
    const own = (language === 'tr' ? words : english).filter((word) => set.has(word)).length
    return [language, own + (language === 'tr' ? count(text, /[ğışİ]/gu) / 2 : 0)] as const
  }).toSorted((a, b) => b[1] - a[1])
  const [best, second] = scores
  if (!best || best[1] < 1 || (second && second[1] === best[1])) return null
  if (best[0] === 'tr' || best[0] === 'en') return best[0]
  // Two words of a third language are a text in it; one may be a name.
  return best[1] >= 2 ? 'other' : null
}
