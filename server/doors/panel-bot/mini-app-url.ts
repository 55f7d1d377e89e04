/** Where the Mini App is; null where Telegram would not open it, since it opens https alone. */
export const miniAppUrl = (publicUrl: string | null): string | null =>
  publicUrl?.startsWith('https:') === true ? `${publicUrl}/mini/` : null
