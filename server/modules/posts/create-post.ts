import { AppError, invalid } from '#server/base/errors.ts'
import { isDay, localDay } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { getChat } from '#server/modules/groups/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'
import { getTemplate } from '#server/modules/templates/index.ts'

import { type GroupPost, type PostContent, POSTS_PER_CHAT_MAX, checkPostText, postVariant } from './post.rules.ts'
import { findPlace, insertPost, lockPost, selectPosts } from './post.store.ts'
import { type PostCalendar, checkSchedule, nextSlotAfter } from './schedule.rules.ts'

export interface PostInput {
  readonly chatId: number
  readonly accountId: number
  readonly name: string
  readonly content: PostContent
  /** A `PostSchedule`; checked here. */
  readonly schedule: unknown
  /** Days `YYYY-MM-DD` of the tenant's time zone; today when left out, and for ever. */
  readonly startsOn?: string
  readonly endsOn?: string
  readonly pins?: boolean
}

/**
 * Writes a post by schedule down; it begins at its first slot after now, once posts by schedule are on in its chat. Needs
 * `campaigns.start`. Errors: `forbidden`, `not_found`, `invalid` with `text_length`, `post_schedule`, `post_day`,
 * `post_never`, `post_text`, `post_template`, `conflict` with `not_in_chat`, `post_name_taken`, `limit_reached/posts_per_chat`.
 */
export const createGroupPost = async (tx: TenantTx, input: PostInput, actor: ActingPerson): Promise<GroupPost> => {
  requireCan(actor.access, 'campaigns.start')
  const chat = await getChat(tx, input.chatId)
  await getAccount(tx, input.accountId)
  const { isInChat } = await findPlace(tx, chat.id, input.accountId)
  if (!isInChat) throw new AppError('conflict', 'not_in_chat', { field: 'accountId', chat: chat.id })
  const { timeZone, senderName } = await getOwnTenant(tx)
  const name = input.name.trim()
  if (name.length < 1 || name.length > 100)
    throw invalid('text_length', 'name', { min: 1, max: 100, length: name.length })
  const calendar: PostCalendar = {
    schedule: checkSchedule(input.schedule),
    startsOn: checkDay('startsOn', input.startsOn ?? localDay(actor.at, timeZone)),
    endsOn: input.endsOn === undefined ? null : checkDay('endsOn', input.endsOn),
    anchorAt: actor.at,
    timeZone,
  }
  const nextSlotAt = nextSlotAfter(calendar, actor.at)
  if (nextSlotAt === null) throw invalid('post_never', 'endsOn')
  await checkContent(tx, input.content, senderName)
  if ((await selectPosts(tx, chat.id)).length >= POSTS_PER_CHAT_MAX)
    throw new AppError('limit_reached', 'posts_per_chat', { max: POSTS_PER_CHAT_MAX })
  const { schedule, startsOn, endsOn, anchorAt } = calendar
  const id = await insertPost(tx, {
    chatId: chat.id,
    accountId: input.accountId,
    name,
    content: input.content,
    schedule,
    startsOn,
    endsOn,
    anchorAt,
    pins: input.pins ?? false,
    nextSlotAt,
    createdBy: actor.by,
    createdAt: actor.at,
  })
  const post = id === null ? null : await lockPost(tx, id)
  if (!post) throw new AppError('conflict', 'post_name_taken', { field: 'name', name })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'post.created',
    target: `chat:${chat.id}`,
    detail: { post: post.id, schedule: JSON.stringify(schedule) },
    at: actor.at,
  })
  return post
}

const checkDay = (field: string, day: string): string => {
  if (!isDay(day)) throw invalid('post_day', field, { given: day.slice(0, 20) })
  return day
}

const checkContent = async (tx: TenantTx, content: PostContent, senderName: string): Promise<void> => {
  if ('text' in content) return checkPostText(content.text, senderName)
  const template = await getTemplate(tx, content.templateId)
  if (template.state !== 'approved' || template.messageClass === 'reply' || postVariant(template) === null)
    throw invalid('post_template', 'templateId', { state: template.state, messageClass: template.messageClass })
}
