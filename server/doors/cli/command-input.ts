import { parseInstant } from '#server/base/clock.ts'
import { invalid } from '#server/base/errors.ts'

export type RawOptions = Readonly<Record<string, unknown>>

/** What was typed after the command, read with checks. Every error names the argument or option and what would be right. */
export interface CommandInput {
  /** A required argument. */
  arg(name: string): string
  findArg(name: string): string | null
  /** All values of the variadic argument. */
  rest(name: string): readonly string[]
  /** An argument that is the number of a row: a whole number from 1. */
  id(name: string): number
  /** An argument that is one of these words, whatever its case. */
  argOf<T extends string>(name: string, words: readonly T[]): T
  isOn(option: string): boolean
  /** Whether `--no-<option>` was given. */
  isOff(option: string): boolean
  text(option: string): string | null
  /** All values of an option that may be given several times. */
  texts(option: string): readonly string[]
  /** All values of an option that takes numbers of rows. */
  ids(option: string): readonly number[]
  whole(option: string, min: number, max: number): number | null
  /** A number, whole or not. */
  number(option: string, min: number, max: number): number | null
  oneOf<T extends string>(option: string, words: readonly T[]): T | null
  manyOf<T extends string>(option: string, words: readonly T[]): readonly T[]
  /** An instant as `2026-06-01T18:00+03:00`, epoch ms. */
  instant(option: string): number | null
  /** An http or https address, without a slash at its end. */
  address(option: string): string | null
}

const camel = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

const wholeIn = (field: string, text: string, min: number, max: number): number => {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max))
    throw invalid('whole_number_expected', field, { given: text.slice(0, 40), min, max })
  return value
}

const wordIn = <T extends string>(field: string, text: string, words: readonly T[]): T => {
  const found = words.find((word) => word.toLowerCase() === text.toLowerCase())
  if (found === undefined) throw invalid('word_expected', field, { given: text.slice(0, 40), words: words.join(', ') })
  return found
}

const instantIn = (field: string, text: string): number => {
  const at = parseInstant(text)
  if (at === null)
    throw invalid('instant_expected', field, { given: text.slice(0, 40), example: '2026-06-01T18:00+03:00' })
  return at
}

const addressIn = (field: string, text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw invalid('address_expected', field, { given: text.slice(0, 100), example: 'http://127.0.0.1:8081' })
  return text.replace(/\/+$/, '')
}

const numberIn = (field: string, text: string, min: number, max: number): number => {
  const value = /^-?\d+([.]\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw invalid('number_expected', field, { given: text.slice(0, 40), min, max })
  return value
}

/** Reads what commander collected: arguments by name, options by their camel-cased names. */
export const readInput = (args: ReadonlyMap<string, string | readonly string[]>, options: RawOptions): CommandInput => {
  const findArg = (name: string) => {
    const value = args.get(name)
    return typeof value === 'string' ? value : null
  }
  const arg = (name: string) => {
    const value = findArg(name)
    if (value === null) throw invalid('argument_missing', name)
    return value
  }
  const text = (option: string) => {
    const value = options[camel(option)]
    return typeof value === 'string' ? value : null
  }
  const texts = (option: string) => {
    const value = options[camel(option)]
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  }
  const read = <T>(option: string, parse: (field: string, given: string) => T): T | null => {
    const given = text(option)
    return given === null ? null : parse(`--${option}`, given)
  }
  return {
    arg,
    findArg,
    rest(name) {
      const value = args.get(name)
      return Array.isArray(value) ? value : []
    },
    id: (name) => wholeIn(name, arg(name), 1, Number.MAX_SAFE_INTEGER),
    argOf: (name, words) => wordIn(name, arg(name), words),
    isOn: (option) => options[camel(option)] === true,
    isOff: (option) => options[camel(option)] === false,
    text,
    texts,
    ids: (option) => texts(option).map((given) => wholeIn(`--${option}`, given, 1, Number.MAX_SAFE_INTEGER)),
    whole: (option, min, max) => read(option, (field, given) => wholeIn(field, given, min, max)),
    number: (option, min, max) => read(option, (field, given) => numberIn(field, given, min, max)),
    oneOf: (option, words) => read(option, (field, given) => wordIn(field, given, words)),
    manyOf: (option, words) => texts(option).map((given) => wordIn(`--${option}`, given, words)),
    instant: (option) => read(option, instantIn),
    address: (option) => read(option, addressIn),
  }
}
