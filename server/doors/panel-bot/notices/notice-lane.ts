import type { Locale } from '#contract/words.ts'
import { type Clock, systemClock } from '#server/base/clock.ts'
import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import type { CallFailure } from '#server/gateways/telegram/call-result.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'
import { type AccountsDeps, type OpenAccount, findPanelAccount, openAccount } from '#server/modules/accounts/index.ts'
import {
  type NoticeEnd,
  type NoticeGroup,
  claimNotices,
  endOldNotices,
  findNoticeText,
  recordNoticeEnd,
} from '#server/modules/admin/index.ts'

import { presentNotices } from './present-notices.ts'

export interface NoticeLaneDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly sender: TelegramSender
  readonly accounts: AccountsDeps
  readonly translator: (locale: Locale) => Translate
}

/** Taken at once: what is taken and not said when the process is killed is never said. */
const PORTION = 5
const LOOK_EVERY_MS = SECOND_MS
const CLEAN_EVERY_MS = 5 * MINUTE_MS
/** A lost token heals when somebody gives a new one. */
const LOST_WAIT_MS = MINUTE_MS
const FAULT_WAIT_MS = 5 * SECOND_MS

/** Refusals after which only the person can open the way again. */
const GONE: ReadonlySet<string> = new Set(['blocked', 'deactivated', 'not_started', 'chat_not_found'])

const endOf = (failure: CallFailure): NoticeEnd => {
  switch (failure.kind) {
    case 'retry':
      return { kind: 'retry', afterMs: failure.afterMs }
    case 'account_lost':
      return { kind: 'retry', afterMs: LOST_WAIT_MS }
    case 'rejected':
      return { kind: GONE.has(failure.reason) ? 'blocked' : 'rejected' }
    case 'migrated':
      return { kind: 'rejected' }
    case 'unknown':
      return { kind: 'unknown' }
  }
}

/** Says what is due through the panel's bot: claimed first, grouped, once. Any number of lanes may work side by side. */
export class NoticeLane {
  readonly #deps: NoticeLaneDeps
  /** Telegram asked the whole bot to wait; on the domain's clock, as Telegram's is for a rehearsal. */
  #waitUntil = 0
  #cleanedAt = -Infinity

  constructor(deps: NoticeLaneDeps) {
    this.#deps = deps
  }

  /** Works until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs = LOOK_EVERY_MS
      try {
        await this.drain(signal)
      } catch (error) {
        this.#deps.log.error({ err: error }, 'notices could not be sent')
        waitMs = FAULT_WAIT_MS
      }
      await systemClock.sleep(waitMs, signal)
    }
  }

  /** Says everything that is due now. Returns how many messages arrived. */
  async drain(signal?: AbortSignal): Promise<number> {
    const { db, clock } = this.#deps
    await this.#clean()
    let sent = 0
    for (;;) {
      const now = clock.now()
      if (now < this.#waitUntil || signal?.aborted === true) return sent
      const account = await this.#findPanel()
      if (account === null) return sent
      const groups = await claimNotices(db, now, PORTION)
      if (groups.length === 0) return sent
      for (const group of groups) if ((await this.#tell(account, group)) === 'sent') sent += 1
    }
  }

  async #findPanel(): Promise<OpenAccount | null> {
    const { db, accounts } = this.#deps
    const panel = await asOperator(db, 'find the panel bot', findPanelAccount)
    return panel?.state === 'active' ? openAccount(accounts, panel.id) : null
  }

  async #clean(): Promise<void> {
    const { db, clock, log } = this.#deps
    const now = clock.now()
    if (now - this.#cleanedAt < CLEAN_EVERY_MS) return
    this.#cleanedAt = now
    const ended = await endOldNotices(db, now)
    if (ended.interrupted + ended.expired > 0) log.warn(ended, 'notices ended without being told')
  }

  async #tell(account: OpenAccount, group: NoticeGroup): Promise<NoticeEnd['kind']> {
    const { db, clock, log } = this.#deps
    const waitMs = this.#waitUntil - clock.now()
    const end: NoticeEnd = waitMs > 0 ? { kind: 'retry', afterMs: waitMs } : await this.#say(account, group)
    await recordNoticeEnd(db, group, end, clock.now())
    if (end.kind !== 'sent')
      log.info({ recipient: group.recipient, kind: group.kind, end: end.kind }, 'a notice did not arrive')
    return end.kind
  }

  async #say(account: OpenAccount, group: NoticeGroup): Promise<NoticeEnd> {
    const { clock, sender, translator } = this.#deps
    const texts = await this.#readTexts(group)
    const { text, buttons } = presentNotices(group, texts, { locale: group.locale, t: translator(group.locale) })
    const result = await sender.send(account, { chatId: group.chatId, text, ...(buttons.length > 0 && { buttons }) })
    if (result.kind === 'sent') return { kind: 'sent' }
    if (result.kind === 'retry' && result.scope === 'account') this.#waitUntil = clock.now() + result.afterMs
    return endOf(result)
  }

  /** What notices bring and do not hold; read at the last moment, so that what was dropped is not said. */
  async #readTexts(group: NoticeGroup): Promise<readonly (string | null)[]> {
    const texts: (string | null)[] = []
    for (const { kind, params } of group.notices) {
      const id = (name: string): number => Number(params[name] ?? 0)
      const { db } = this.#deps
      if (kind === 'ticket_answered') texts.push(await findNoticeText(db, { ticketMessageId: id('message') }))
      else if (kind === 'announcement') texts.push(await findNoticeText(db, { announcementId: id('announcement') }))
      else if (kind === 'payment_rejected') texts.push(await findNoticeText(db, { paymentId: id('payment') }))
      else texts.push(null)
    }
    return texts
  }
}
