import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { InlineButton } from '#server/gateways/telegram/outgoing-message.ts'
import type { NoticeGroup, NoticeKind, NoticeParams } from '#server/modules/admin/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { encodeCall } from '../callback-codec.ts'
import { dayText, durationText, isolate, momentText, moneyText } from '../say.ts'

/** Lines shown of one group; the rest is a number. */
const LINES_MAX = 8

interface KindFace {
  /** Where its button leads: an action of the registry. */
  readonly button?: {
    readonly label: string
    readonly action: string
    /** The parameter of the newest notice that the button carries. */
    readonly arg?: string
  }
}

/** What a notice offers to do next. */
const FACES: Readonly<Partial<Record<NoticeKind, KindFace>>> = {
  payment_claimed: { button: { label: 'operator.button.queue', action: 'pay.open' } },
  payment_review: { button: { label: 'operator.button.queue', action: 'pay.open' } },
  ticket_opened: { button: { label: 'operator.button.tickets', action: 'tix.open' } },
  ticket_message: { button: { label: 'operator.button.tickets', action: 'tix.open' } },
  ticket_overdue: { button: { label: 'operator.button.tickets', action: 'tix.open' } },
  account_down: { button: { label: 'operator.button.accounts', action: 'bots.open' } },
  fault_opened: { button: { label: 'operator.button.faults', action: 'err.open' } },
  customer_ready: { button: { label: 'operator.button.customers', action: 'cust.open' } },
  onboarding_ended: { button: { label: 'button.begin', action: 'onb.new' } },
  ticket_answered: { button: { label: 'notice.button.ticket', action: 'tic.show', arg: 'ticket' } },
  announcement: { button: { label: 'notice.button.mute', action: 'mute.open' } },
}

interface Shown {
  readonly locale: Locale
  readonly t: Translate
}

/** Names of instants end in `At`, of money in `Minor`, of lengths in `Ms`; words have a catalogue of their own. */
const shownParams = ({ locale, t }: Shown, params: NoticeParams): Readonly<Record<string, string>> => {
  const reader = { speaker: { locale } }
  const word = (name: string, value: string): string => {
    const key = WORDS[name]
    return key === undefined ? isolate(escapeText(value)) : escapeText(t(`${key}.${value}`))
  }
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (typeof value === 'string') return [name, word(name, value)]
      if (name.endsWith('DayAt')) return [name, dayText(reader, value)]
      if (name.endsWith('At')) return [name, momentText(reader, value)]
      if (name.endsWith('Ms')) return [name, durationText(reader, value)]
      if (name.endsWith('Minor')) return [name, moneyText(reader, value, String(params['currency'] ?? 'TRY'))]
      return [name, String(value)]
    }),
  )
}

/** Parameters that hold a word of ours, and the catalogue that has its text. */
const WORDS: Readonly<Record<string, string>> = {
  package: 'words:package',
  entitlement: 'words:entitlement',
  kind: 'ticket.kind',
  what: 'notice.fault',
  review: 'words:paymentReview',
  orderReview: 'words:orderReview',
  webhookReason: 'words:webhookDisabling',
  handOver: 'words:handOverReason',
}

/** One group as one message. `texts` are those that notices bring by id, in the order of the group; null for none. */
export const presentNotices = (
  group: NoticeGroup,
  texts: readonly (string | null)[],
  shown: Shown,
): { readonly text: string; readonly buttons: readonly (readonly InlineButton[])[] } => {
  const { kind, notices } = group
  const head = `<b>${shown.t(`notice.${kind}.head`, { number: notices.length })}</b>`
  const lines = notices.slice(0, LINES_MAX).map((notice, i) => {
    const line = shown.t(`notice.${kind}.line`, shownParams(shown, notice.params))
    const text = texts[i]
    return text == null ? line : `${line}\n<blockquote>${isolate(escapeText(text))}</blockquote>`
  })
  const rest = notices.length - lines.length
  const more = rest > 0 ? [shown.t('notice.more', { number: rest })] : []
  const button = FACES[kind]?.button
  const arg = button?.arg === undefined ? undefined : notices.at(-1)?.params[button.arg]
  const args = arg === undefined ? [] : [String(arg)]
  const call = button && encodeCall({ action: button.action, tenantId: 0, nonce: '', args })
  return {
    text: [head, ...lines, ...more].join('\n'),
    buttons: button && call !== undefined ? [[{ text: shown.t(button.label), action: call }]] : [],
  }
}
