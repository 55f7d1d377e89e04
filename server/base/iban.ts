/** Lengths by country where this product is sold; any other country's IBAN has 15 to 34 characters (ISO 13616). */
const LENGTHS: Readonly<Record<string, number>> = {
  TR: 26,
  DE: 22,
  NL: 18,
  GB: 22,
  FR: 27,
  AE: 23,
  SA: 24,
  AZ: 28,
  KZ: 20,
}

/** The remainder of a number of any length, digit by digit. */
const modulo97 = (digits: string): number => {
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest
}

/** The IBAN in capitals and without spaces, or null when its shape, length or check digits (ISO 7064, mod 97-10) are wrong. */
export const normalizeIban = (text: string): string | null => {
  const iban = text.replace(/\s+/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return null
  const length = LENGTHS[iban.slice(0, 2)]
  if (length !== undefined && iban.length !== length) return null
  const moved = iban.slice(4) + iban.slice(0, 4)
  const digits = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  return modulo97(digits) === 1 ? iban : null
}
