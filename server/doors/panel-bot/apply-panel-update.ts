import { Api, Context } from 'grammy'
import type { Update, UserFromGetMe } from 'grammy/types'

import { MINUTE_MS } from '#server/base/duration.ts'
import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'
import { type InboxUpdate, type OpenAccount, openAccount, scrubUpdate } from '#server/modules/accounts/index.ts'
import { type PanelPerson, recordPanelPerson, setAwaiting, setPanelBlocked } from '#server/modules/admin/index.ts'
import { findOperator, listMemberships } from '#server/modules/tenancy/index.ts'

import { BOT_TOKEN } from './bot-token.ts'
import { CONFIRM_WITHIN_MS } from './ask-confirmation.ts'
import { deliverReply } from './deliver-reply.ts'
import type { PanelCommand } from './panel-command.ts'
import type { PanelDeps } from './panel-deps.ts'
import { RateLimit } from './rate-limit.ts'
import { readCommand } from './read-command.ts'
import { type Exchange, readExchange } from './read-exchange.ts'
import type { Reply } from './reply.ts'
import { type PanelContext, createRouter } from './router.ts'
import type { Speaker, Talk } from './talk.ts'

/** Whether an update was applied and answered, or has to wait because Telegram said so. */
export type PanelOutcome = { readonly kind: 'done' } | { readonly kind: 'later'; readonly afterMs: number }

export interface PanelUpdate {
  readonly accountId: number
  readonly update: InboxUpdate
  /** Marks the update as applied, in the transaction that keeps what the answer left open. */
  readonly finish: (tx: OperatorTx) => Promise<void>
}

export interface PanelBot {
  /**
   * Applies one update and answers it, then finishes it. Cut off anywhere, it is applied again: use cases are repeatable
   * by the talk's reference, and the answer comes at least once. Throws what makes another try worth it.
   */
  apply(update: PanelUpdate): Promise<PanelOutcome>
}

const DONE: PanelOutcome = { kind: 'done' }
const AWAIT_MS = 15 * MINUTE_MS
/** A group is told once an hour that this bot works in private. */
const HINT_EVERY_MS = 60 * MINUTE_MS
/** From this try on the person is told that something went wrong; the update is parked after it. */
const LAST_ATTEMPT = 4

/** grammY dispatches and makes no call: replies leave through the sender alone. */
const silentApi = new Api('0:panel', {
  fetch: () => Promise.reject(new Error('the panel router makes no calls of its own')),
})

const selfOf = ({ telegramId, username }: OpenAccount): UserFromGetMe => ({
  id: telegramId,
  is_bot: true,
  first_name: username ?? 'panel',
  username: username ?? '',
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: true,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: true,
  supports_join_request_queries: false,
})

/** The panel bot of an installation: customers and operators speak with it in private. */
export const createPanelBot = (deps: PanelDeps, commands: readonly PanelCommand[]): PanelBot => {
  const router = createRouter().middleware()
  const rate = new RateLimit()
  const hintedAt = new Map<number, number>()

  const isHinted = (chatId: number): boolean => {
    const now = deps.pace.now()
    if (now - (hintedAt.get(chatId) ?? -HINT_EVERY_MS) < HINT_EVERY_MS) return true
    if (hintedAt.size > 10_000) hintedAt.clear()
    hintedAt.set(chatId, now)
    return false
  }

  const answerGroup = (account: OpenAccount, exchange: Exchange, payload: unknown): Reply => {
    const t = deps.translator(exchange.person.locale)
    if (exchange.kind === 'press') return { toast: t('group.toast') }
    const text = (payload as { readonly message?: { readonly text?: string } }).message?.text ?? ''
    if (readCommand(text, account.username) === null || isHinted(exchange.chatId)) return {}
    return { text: t('group.hint', { bot: `@${account.username ?? ''}` }) }
  }

  const answerPrivate = async (meeting: Meeting): Promise<Reply> => {
    const { exchange, update } = meeting
    const pace = rate.take(exchange.person.telegramId, update.updateId, deps.pace.now())
    const t = deps.translator(meeting.person.locale)
    if (pace !== 'free') {
      if (exchange.kind === 'press') return { toast: t('rate.toast') }
      return pace === 'told' ? { text: t('rate.told') } : {}
    }
    const talk = talkOf(deps, commands, meeting)
    const context: PanelContext = Object.assign(
      new Context(update.payload as Update, silentApi, selfOf(meeting.account)),
      { talk, awaiting: openQuestion(meeting.person, deps.pace.now()), panelReply: {} },
    )
    await router(context, () => Promise.resolve())
    return context.panelReply
  }

  return {
    async apply({ accountId, update, finish }) {
      const exchange = readExchange(update.payload)
      if (exchange === null) return finishAlone(deps, finish)
      const { telegramId } = exchange.person
      if (exchange.kind === 'member') {
        const blockedAt = exchange.status === 'kicked' ? deps.clock.now() : null
        if (!exchange.isPrivate) return finishAlone(deps, finish)
        return finishAlone(deps, finish, (tx) => setPanelBlocked(tx, telegramId, blockedAt))
      }
      const account = await openAccount(deps.accounts, accountId)
      const to = {
        chatId: exchange.chatId,
        pressedMessageId: exchange.kind === 'press' ? exchange.messageId : null,
        callbackId: exchange.callbackId,
      }
      if (!exchange.isPrivate) {
        const delivered = await deliverReply(deps.sender, account, to, answerGroup(account, exchange, update.payload))
        return delivered.kind === 'later' ? delivered : finishAlone(deps, finish)
      }
      const isSecret = exchange.kind === 'message' && BOT_TOKEN.test(JSON.stringify(update.payload))
      // Before anything else, and also when it is refused afterwards: a key must not stay in a chat.
      const isDeleted = isSecret && (await deleteSecret(deps, account, exchange))
      const meeting = { ...(await meet(deps, exchange)), exchange, update, account }
      const reply = await answerPrivate(meeting).catch((error: unknown) => {
        if (update.attempts < LAST_ATTEMPT) throw error
        deps.log.error({ accountId, updateId: update.updateId, err: error }, 'a panel command failed for good')
        return { text: deps.translator(meeting.person.locale)('refusal.internal'), asNew: true }
      })
      const note = isSecret ? deps.translator(meeting.person.locale)(isDeleted ? 'token.gone' : 'token.stays') : ''
      const shown = isSecret ? { ...reply, text: [reply.text ?? '', note].join('\n\n').trim() } : reply
      const delivered = await deliverReply(deps.sender, account, to, shown)
      if (delivered.kind === 'later') return delivered
      if (delivered.kind === 'lost')
        deps.log.warn({ accountId, updateId: update.updateId, reason: delivered.reason }, 'a panel reply was lost')
      return finishAlone(deps, finish, async (tx) => {
        if (isSecret) await scrubUpdate(tx, accountId, update.updateId)
        if (delivered.kind === 'lost' && delivered.reason === 'blocked')
          await setPanelBlocked(tx, telegramId, deps.clock.now())
        const next = nextQuestion(reply, deps.pace.now())
        if (next !== 'as it is') await setAwaiting(tx, telegramId, next)
      })
    },
  }
}

interface Meeting {
  readonly person: PanelPerson
  readonly speaker: Speaker
  readonly exchange: Exchange
  readonly update: InboxUpdate
  readonly account: OpenAccount
}

/** Whether the message is gone; one that went before counts. */
const deleteSecret = async (deps: PanelDeps, account: OpenAccount, exchange: Exchange): Promise<boolean> => {
  if (exchange.messageId === null) return false
  const result = await deps.sender.deleteMessage(account, exchange.chatId, exchange.messageId)
  return result.kind === 'done' || (result.kind === 'rejected' && result.reason === 'message_missing')
}

const finishAlone = async (
  deps: PanelDeps,
  finish: PanelUpdate['finish'],
  also: (tx: OperatorTx) => Promise<void> = async () => {},
): Promise<PanelOutcome> => {
  await asOperator(deps.db, 'finish a panel update', async (tx) => {
    await also(tx)
    await finish(tx)
  })
  return DONE
}

/** Who writes: kept with the name operators call them by, and what they are in this installation. */
const meet = (deps: PanelDeps, { person, chatId }: Exchange): Promise<Pick<Meeting, 'person' | 'speaker'>> =>
  asOperator(deps.db, 'meet a person of the panel', async (tx) => {
    const { telegramId, name, username, locale } = person
    const seen = await recordPanelPerson(tx, { telegramId, chatId, locale, username, name }, deps.clock.now())
    const operator = await findOperator(tx, telegramId)
    const memberships = await listMemberships(tx, telegramId)
    const speaker = { telegramId, chatId, locale: seen.locale, username, name, operator, memberships }
    return { person: seen, speaker }
  })

const talkOf = (
  deps: PanelDeps,
  commands: readonly PanelCommand[],
  { speaker, exchange, update, account }: Meeting,
): Talk => ({
  deps,
  panel: {
    accountId: account.accountId,
    tenantId: account.tenantId,
    username: account.username,
    apiRoot: account.apiRoot,
  },
  speaker,
  tenant: null,
  args: [],
  at: deps.clock.now(),
  reference: `panel:${account.accountId}:${update.updateId}`,
  by: exchange.kind === 'press' ? 'button' : 'command',
  commands,
  t: deps.translator(speaker.locale),
})

const openQuestion = ({ awaiting, awaitingUntil }: PanelPerson, now: number): PanelPerson['awaiting'] =>
  awaitingUntil !== null && awaitingUntil > now ? awaiting : null

/** What the reply leaves open. A toast alone, or silence, leaves everything as it is. */
const nextQuestion = (reply: Reply, now: number): Parameters<typeof setAwaiting>[2] | 'as it is' => {
  if (reply.confirms) return { what: { confirm: reply.confirms.call }, until: now + CONFIRM_WITHIN_MS }
  if (reply.awaits) {
    const { input, args = [], tenantId = reply.tenantId ?? 0, forMs = AWAIT_MS } = reply.awaits
    return { what: { input, args: args.join(':'), tenantId }, until: now + forMs }
  }
  return reply.text === undefined ? 'as it is' : null
}
