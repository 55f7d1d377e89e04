import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type DomainEventType, type EventListener, type StoredEvent, defineListener } from '#server/base/events.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type NoticeParams, noticeMembers } from '#server/modules/admin/index.ts'
import { findTask, unassignTasks } from '#server/modules/contacts/index.ts'
import { askForRating, findConversation, unassignMember } from '#server/modules/conversations/index.ts'

export interface InboxListenerDeps {
  readonly db: Db
  readonly clock: Clock
  /** The catalogue `bot`. */
  readonly translator: (locale: Locale) => Translate
}

/** What is older is no news. */
const NEWS_MS = DAY_MS

interface News {
  readonly kind: 'conversation_overdue' | 'conversation_handed_over' | 'task_overdue'
  readonly dedupeKey: string
  readonly params: NoticeParams
  /** The member it is given to; everybody who may act on it when null. */
  readonly only: number | null
}

const accountName = async (tx: TenantTx, accountId: number): Promise<string> => {
  const { username, displayName } = await getAccount(tx, accountId)
  return username === null ? displayName : `@${username}`
}

type Read<T extends DomainEventType> = (tx: TenantTx, event: StoredEvent<T>) => Promise<News | null>

/** Answered in the meantime, it is nobody's news. */
const readOverdue: Read<'conversation.overdue'> = async (tx, { payload: { conversationId, dueAt } }) => {
  const found = await findConversation(tx, conversationId)
  if (found?.answerDueAt !== dueAt) return null
  const params = { conversation: conversationId, account: await accountName(tx, found.accountId), dueAt }
  const dedupeKey = `conversation_overdue:${conversationId}:${dueAt}`
  return { kind: 'conversation_overdue', dedupeKey, params, only: found.assignedTo }
}

const readHandOver: Read<'conversation.handed_over'> = async (tx, { id, payload: { conversationId, reason } }) => {
  const found = await findConversation(tx, conversationId)
  if (found?.handedOverAt == null) return null
  const params = { conversation: conversationId, account: await accountName(tx, found.accountId), handOver: reason }
  const dedupeKey = `conversation_handed_over:${conversationId}:${id}`
  return { kind: 'conversation_handed_over', dedupeKey, params, only: found.assignedTo }
}

const readTask: Read<'task.overdue'> = async (tx, { payload: { taskId, dueAt } }) => {
  const task = await findTask(tx, taskId)
  if (!task || task.doneAt !== null || task.dueAt !== dueAt) return null
  const params = { task: taskId, contact: task.contactId, dueAt }
  return { kind: 'task_overdue', dedupeKey: `task_overdue:${taskId}:${dueAt}`, params, only: task.assignedTo }
}

/** What follows when conversations and tasks wait too long, are handed over or closed, and when a member leaves. Repeatable. */
export const createInboxListeners = ({ db, clock, translator }: InboxListenerDeps): readonly EventListener[] => {
  const tell = <const T extends DomainEventType>(name: string, type: T, read: Read<T>): EventListener =>
    defineListener({
      name,
      types: [type] as const,
      async receive(events: readonly StoredEvent<T>[]) {
        for (const event of events) {
          if (clock.now() - event.at >= NEWS_MS) continue
          const { tenantId, at } = event
          const news = await inTenant(db, tenantId, (tx) => read(tx, event))
          if (news) await asOperator(db, 'notices of the inbox', (tx) => noticeMembers(tx, tenantId, news, at))
        }
      },
    })
  return [
    tell('notices.conversations_overdue', 'conversation.overdue', readOverdue),
    tell('notices.hand_overs', 'conversation.handed_over', readHandOver),
    tell('notices.tasks', 'task.overdue', readTask),
    defineListener({
      name: 'inbox.ratings',
      types: ['conversation.closed'],
      async receive(events) {
        for (const { tenantId, payload } of events)
          await inTenant(db, tenantId, (tx) => askForRating(tx, { ...payload, translator, at: clock.now() }))
      },
    }),
    defineListener({
      name: 'inbox.unassign',
      types: ['member.left'],
      async receive(events) {
        for (const { tenantId, payload } of events)
          await inTenant(db, tenantId, async (tx) => {
            await unassignMember(tx, payload.memberId, clock.now())
            await unassignTasks(tx, payload.memberId)
          })
      },
    }),
  ]
}
