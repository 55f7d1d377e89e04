/** A colour as red, green and blue, each 0–255. */
type Rgb = readonly [number, number, number]

const HEX = /^#[0-9a-f]{6}$/

export const isColour = (text: string): boolean => HEX.test(text)

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb

const hexOf = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`

/** WCAG 2.2, relative luminance. */
const luminanceOf = (hex: string): number => {
  const [red, green, blue] = rgbOf(hex).map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2: from 1, the same, to 21, black on white. */
export const contrastOf = (a: string, b: string): number => {
  const [dark, light] = [luminanceOf(a), luminanceOf(b)].toSorted((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** `share` (0–1) of the way from one colour to another. */
const mix = (from: string, to: string, share: number): string => {
  const other = rgbOf(to)
  return hexOf(rgbOf(from).map((part, i) => part + ((other[i] ?? part) - part) * share) as unknown as Rgb)
}

/** WCAG 2.2 AA asks 4.5 of text; a little more leaves room for the tints that text stands on. */
const CONTRAST_MIN = 5.5
const WHITE = '#ffffff'
const BLACK = '#000000'
/** The darker scheme's card, on which text is hardest to read. */
const NIGHT = '#2e2e2e'
const STEPS = 50

/** The nearest colour on the way to `towards` that can be read on `ground`. */
const legible = (accent: string, ground: string, towards: string): string =>
  Array.from({ length: STEPS + 1 }, (_, step) => mix(accent, towards, step / STEPS)).find(
    (colour) => contrastOf(colour, ground) >= CONTRAST_MIN,
  ) ?? towards

/** An accent as it is drawn: as text, and under text of the ground's colour. */
export interface AccentColours {
  /** In light surroundings: under white text, and as text on white. */
  readonly onLight: string
  /** In dark surroundings: under black text, and as text on a dark ground. */
  readonly onDark: string
  /** Whether light surroundings show another colour than was chosen: it was too bright to be read. */
  readonly isAdjusted: boolean
  /** Of the chosen colour against white; WCAG AA asks 4.5. */
  readonly contrast: number
}

/** How an accent (`#0a66a8`) is drawn so that text on it, and in it, can be read. Pure and total. */
export const accentColours = (accent: string): AccentColours => {
  const onLight = legible(accent, WHITE, BLACK)
  return {
    onLight,
    onDark: legible(accent, NIGHT, WHITE),
    isAdjusted: onLight !== accent,
    contrast: contrastOf(accent, WHITE),
  }
}
