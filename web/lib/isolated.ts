/** A figure or a name as it is, in a sentence of whichever direction. */
export const isolated = (text: string): string => `\u2068${text}\u2069`
