import type { Complain } from './lint-finding.rules.ts'
import { compileText, parseVariable } from './rendering.rules.ts'
import { ACTION_BYTES_MAX, type TemplateVariant } from './template.rules.ts'

/** Telegram takes at most 100 buttons, 8 in a row. */
const BUTTONS_MAX = 100
const ROW_MAX = 8
/** Longer labels are cut by every client. */
const LABEL_MAX = 64

/** Complains about buttons that Telegram would refuse or that a person could not use. */
export const lintButtons = (rows: TemplateVariant['buttons'], complain: Complain): void => {
  if (rows.flat().length > BUTTONS_MAX || rows.some((row) => row.length > ROW_MAX)) {
    complain('buttons_too_many', 'buttons', { max: BUTTONS_MAX, rowMax: ROW_MAX })
  }
  for (const [r, row] of rows.entries()) {
    for (const [b, button] of row.entries()) {
      const field = `buttons[${r}][${b}]`
      lintLabel(button.text, `${field}.text`, complain)
      if ('url' in button) lintAddress(button.url, `${field}.url`, complain)
      else lintAction(button.action, `${field}.action`, complain)
    }
  }
}

const lintLabel = (text: string, field: string, complain: Complain): void => {
  for (const [whole, inside] of text.matchAll(/\{\{([^{}]*)\}\}/gu)) {
    const variable = parseVariable(inside ?? '')
    if (!variable) complain('variable_unknown', field, { variable: whole.slice(0, 60) })
    // A label of nothing but a name would be empty for the nameless.
    else if (variable.fallback === '' && text.trim() === whole)
      complain('button_text_empty', field, { variable: variable.name })
  }
  if (text.trim() === '') complain('button_text_empty', field)
  if (text.length > LABEL_MAX) complain('button_text_long', field, { length: text.length, max: LABEL_MAX })
}

const lintAddress = (url: string, field: string, complain: Complain): void => {
  for (const [whole, inside] of url.matchAll(/\{\{([^{}]*)\}\}/gu)) {
    if (!parseVariable(inside ?? '')) complain('variable_unknown', field, { variable: whole.slice(0, 60) })
  }
  const pieces = compileText(url, 'address')
  const [first] = pieces
  const isFilledIn = pieces.length > 1 || typeof first !== 'string'
  if (isFilledIn && !(typeof first === 'string' && /^(?:https?:\/\/[^\s/?#]+[/?#]|tg:\/\/)/iu.test(first))) {
    complain('button_variable_host', field, { fix: 'https://host/…{{variable}}' })
    return
  }
  const sample = pieces.map((piece) => (typeof piece === 'string' ? piece : 'x')).join('')
  const isWeb = /^https?:\/\/[^\s/?#]+\.[^\s/?#]{2,}/iu.test(sample) && URL.canParse(sample)
  if (!isWeb && !/^tg:\/\/[a-z]/iu.test(sample)) complain('button_url', field, { expected: 'https://…' })
}

const lintAction = (action: string, field: string, complain: Complain): void => {
  const bytes = Buffer.byteLength(action)
  if (bytes < 1 || bytes > ACTION_BYTES_MAX || action.includes('{{')) {
    complain('button_action', field, { bytes, max: ACTION_BYTES_MAX })
  }
}
