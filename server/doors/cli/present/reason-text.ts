import type { Translate } from '#server/base/translate.ts'

/** A recorded reason in words; one that has none is shown as it is, so that nothing is hidden. */
export const reasonText = (t: Translate, reason: string | null): string => {
  if (reason === null) return ''
  for (const group of ['reason', 'failure', 'groupReason', 'groupPostFault']) {
    const key = `words:${group}.${reason}`
    const text = t(key)
    // A key without text comes back without its catalogue.
    if (text !== key && text !== key.replace('words:', '')) return text
  }
  return reason
}
