import { createHash } from 'node:crypto'

import type { Template } from './template.rules.ts'

/** A mark of what a template says: another name, wording or state gives another mark. The same on every machine. */
export const templateVersion = ({ name, messageClass, style, state, slotBriefs, variants }: Template): string => {
  const briefs = Object.entries(slotBriefs).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const wordings = variants
    .toSorted((a, b) => (`${a.name}/${a.locale}` < `${b.name}/${b.locale}` ? -1 : 1))
    .map(({ name, locale, text, media, buttons, weight }) => [
      name,
      locale,
      text,
      media && [media.kind, media.source],
      buttons.map((row) =>
        row.map((button) => ['url' in button, button.text, 'url' in button ? button.url : button.action]),
      ),
      weight,
    ])
  return createHash('sha256')
    .update(JSON.stringify([name, messageClass, style, state, briefs, wordings]))
    .digest('hex')
    .slice(0, 32)
}
