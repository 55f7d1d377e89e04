/** With every file that somebody gave us: it is what we say it is, runs nothing, and is shown by our own pages alone. */
export const FILE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
} as const
