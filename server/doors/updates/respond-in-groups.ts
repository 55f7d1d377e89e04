import { GROUP_COMMANDS } from '#contract/words.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import type { TouchedContact } from '#server/modules/contacts/index.ts'
import { answerWithRules, pointToPrivateChat } from '#server/modules/posts/index.ts'

import { answerGroupByRule } from './answer-group-by-rule.ts'
import type { Happening, Heard } from './happening.rules.ts'
import type { GroupResponder, GroupTending, GroupWords } from './group-words.ts'

const RULES_COMMANDS: ReadonlySet<string> = new Set(GROUP_COMMANDS)

/** `/kurallar`, for this account or for nobody in particular. */
const sayRules: GroupResponder = async (words) => {
  const { command, username } = words
  if (!command || !RULES_COMMANDS.has(command.name)) return false
  if (command.to !== null && command.to !== username?.toLowerCase()) return false
  return answerWithRules(words.tx, { ...words, at: words.now })
}

/** Whoever speaks to the account, and has no other answer, is shown the way to where it can answer. */
const pointToPrivate = async (
  { tx, tenant, translator, now }: GroupTending,
  words: readonly GroupWords[],
  username: string | null,
): Promise<void> => {
  if (username === null) return
  const t = translator(tenant.locale)
  const say = { text: t('group.pointer'), button: t('group.pointerButton'), username }
  await pointToPrivateChat(tx, words, say, now)
}

/** In the order they are asked. The reply mode is none of them: no model speaks in groups. */
const RESPONDERS: readonly GroupResponder[] = [sayRules, answerGroupByRule]

/** What was said so long ago is not answered in front of everybody. */
const LATE_MAX_MS = 10 * MINUTE_MS

/** Answers what was said in groups, once it is recorded: by mention, by reply and by command alone. */
export const respondInGroups = async (
  tending: GroupTending,
  people: ReadonlyMap<Happening, TouchedContact>,
): Promise<void> => {
  const { tx, accountId, now } = tending
  const asked = [...people].filter(
    ([
      {
        heard,
        activities: [activity],
        at,
      },
    ]) => heard && activity?.chat && activity.messageId !== undefined && at > now - LATE_MAX_MS,
  )
  if (asked.length === 0) return
  const own = await listAccounts(tx)
  const self = own.find(({ id }) => id === accountId)
  if (!self) return
  // Two of a tenant's accounts would answer each other without end.
  const ours = new Set(own.map(({ telegramId }) => telegramId))
  const unanswered: GroupWords[] = []
  for (const [{ heard, activities, update, at }, { contactId }] of asked) {
    const [activity] = activities
    if (!heard || !activity?.chat || activity.messageId === undefined || ours.has(heard.person.telegramId)) continue
    const words: GroupWords = {
      ...tending,
      ...heard,
      contactId,
      chatTelegramId: activity.chat.telegramId,
      messageId: activity.messageId,
      updateId: update.updateId,
      at,
      username: self.username,
      isAddressed: isFor(heard, self.telegramId, self.username),
    }
    if (!(await isAnswered(words)) && words.isAddressed) unanswered.push(words)
  }
  await pointToPrivate(tending, unanswered, self.username)
}

const isAnswered = async (words: GroupWords): Promise<boolean> => {
  for (const respond of RESPONDERS) if (await respond(words)) return true
  return false
}

const isFor = (heard: Heard, selfId: number, username: string | null): boolean => {
  const name = username?.toLowerCase() ?? null
  return (
    heard.repliesToId === selfId ||
    heard.mentionedIds.includes(selfId) ||
    (name !== null && (heard.mentions.includes(name) || heard.command?.to === name))
  )
}
