import { DAY_MS } from '#server/base/duration.ts'
import { type AppError, invalid } from '#server/base/errors.ts'
import { type RenderedMessage, type Template, lintTemplate } from '#server/modules/templates/index.ts'

/** Nobody is invited into the same chat again within this time; the guard holds the same cap. */
export const INVITE_PAUSE_MS = 30 * DAY_MS

/** What the buttons of an invitation say to us. */
export const INVITE_ACTIONS = ['invite_yes', 'invite_no'] as const
export type InviteAction = (typeof INVITE_ACTIONS)[number]

/** Labels in the language of the text. */
export interface InviteLabels {
  readonly yes: string
  readonly no: string
  readonly stop: string
}

export const inviteButtons = (labels: InviteLabels): RenderedMessage['buttons'] => [
  [
    { text: labels.yes, action: 'invite_yes' },
    { text: labels.no, action: 'invite_no' },
  ],
  [{ text: labels.stop, action: 'stop' }],
]

/** The arm of the template that is sent: the heaviest, the first by name among equals. Null when none may be chosen. */
export const inviteVariant = (template: Pick<Template, 'variants'>): string | null => {
  const [heaviest] = [...template.variants]
    .filter((variant) => variant.weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
  return heaviest?.name ?? null
}

/** Why this template cannot invite; null when it can: approved, commercial, and with both buttons in every wording. */
export const templateFault = (template: Template): AppError | null => {
  if (template.state !== 'approved') return invalid('invite_template_state', 'templateId', { state: template.state })
  if (template.messageClass !== 'commercial')
    return invalid('invite_template_class', 'templateId', { messageClass: template.messageClass })
  for (const { name, locale, buttons } of template.variants) {
    const actions = buttons.flat().flatMap((button) => ('action' in button ? [button.action] : []))
    const missing = INVITE_ACTIONS.find((action) => !actions.includes(action))
    if (missing) return invalid('invite_button_missing', 'templateId', { variant: name, locale, action: missing })
  }
  return null
}

/**
 * Why this text cannot invite; null when it can. It is held to what a commercial template is held to: valid HTML,
 * Telegram's lengths, the sender named, a way out, acceptable use. Variables are for templates.
 */
export const textFault = (text: string, buttons: RenderedMessage['buttons'], senderName: string): AppError | null => {
  if (text.includes('{{')) return invalid('invite_text', 'text', { rule: 'variable_unknown' })
  const variant = { name: 'a', locale: 'tr', text, media: null, buttons, weight: 1 } as const
  const error = lintTemplate({ messageClass: 'commercial', variants: [variant] }, { senderName }).find(
    (finding) => finding.severity === 'error',
  )
  return error ? invalid('invite_text', error.field === 'buttons' ? 'labels' : 'text', { rule: error.code }) : null
}
