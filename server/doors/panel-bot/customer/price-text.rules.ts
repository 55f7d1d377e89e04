/** Digits of any script, a comma or point before the coins, and a currency's sign or name around it. */
const PRICE = /^(?:₺|tl|try)?\s*(\d{1,9})(?:[.,](\d{1,2}))?\s*(?:₺|tl|try|lira)?$/i

const latin = (text: string): string =>
  text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace('٫', '.')

/** A price as people write it, in minor units; null for what could be read in two ways or none, such as `1.250`. */
export const readPriceText = (text: string): number | null => {
  const [, whole, coins = ''] = PRICE.exec(latin(text.trim())) ?? []
  return whole === undefined ? null : Number(whole) * 100 + Number(coins.padEnd(2, '0'))
}
