/** A price in minor units, as the field for it holds it; null for an emptied one. */
export const minorOf = (written: number | string): number | null => {
  const amount = typeof written === 'number' ? written : Number.parseFloat(written)
  return Number.isFinite(amount) ? Math.round(amount * 100) : null
}
