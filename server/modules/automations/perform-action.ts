import { MINUTE_MS } from '#server/base/duration.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { addTags, listPipelines, moveContact, removeTags } from '#server/modules/contacts/index.ts'
import {
  type Conversation,
  assignConversation,
  handOverConversation,
  snoozeConversation,
} from '#server/modules/conversations/index.ts'
import { type ActingPerson, can, listMembers } from '#server/modules/tenancy/index.ts'

import type { RuleAction } from './rule.rules.ts'

/** A rule may do what whoever may write rules may do. */
const actorOf = (ruleId: number, at: number): ActingPerson => ({
  by: `rule:${ruleId}`,
  access: { kind: 'member', role: 'admin' },
  at,
})

const isAnswering = async (tx: TenantTx, memberId: number): Promise<boolean> =>
  (await listMembers(tx)).some(
    ({ id, role }) => id === memberId && can({ kind: 'member', role }, 'conversations.reply'),
  )

interface NamedStage {
  readonly pipeline: string
  readonly stage: string
}

const findStage = async (tx: TenantTx, named: NamedStage) => {
  const pipeline = (await listPipelines(tx)).find(({ name }) => name === named.pipeline)
  const stage = pipeline?.stages.find(({ name }) => name === named.stage)
  return pipeline && stage ? { pipelineId: pipeline.id, stageId: stage.id } : null
}

/** Refuses actions on what is not there. Errors: `invalid/assignee`, `not_found` for the stage. */
export const requireTargets = async (tx: TenantTx, actions: readonly RuleAction[]): Promise<void> => {
  for (const [i, action] of actions.entries()) {
    if (action.kind === 'assign' && !(await isAnswering(tx, action.memberId)))
      throw invalid('assignee', `actions[${i}].memberId`, { id: action.memberId })
    if (action.kind === 'stage' && !(await findStage(tx, action)))
      throw notFound('stage', `${action.pipeline} › ${action.stage}`)
  }
}

/** Of whom and what a rule acts. */
interface ActedOn {
  readonly contactId: number
  readonly conversation: Pick<Conversation, 'id' | 'turn'> | null
  readonly now: number
}

/**
 * Does one thing a rule says, answers aside. A member or a stage that is gone since the rule was written is nobody's
 * fault of today: everything else is done all the same.
 */
export const performAction = async (
  tx: TenantTx,
  ruleId: number,
  action: Exclude<RuleAction, { kind: 'reply' }>,
  { contactId, conversation, now }: ActedOn,
): Promise<void> => {
  const actor = actorOf(ruleId, now)
  switch (action.kind) {
    case 'tag': {
      const { add, remove } = action
      if (add.length > 0) await addTags(tx, { contactIds: [contactId], tags: add, at: now })
      if (remove.length > 0) await removeTags(tx, { contactIds: [contactId], tags: remove, at: now })
      return
    }
    case 'stage': {
      const found = await findStage(tx, action)
      if (found) await moveContact(tx, { contactId, ...found }, actor)
      return
    }
    case 'assign': {
      const { memberId } = action
      if (conversation && (await isAnswering(tx, memberId)))
        await assignConversation(tx, { conversationId: conversation.id, memberId }, actor)
      return
    }
    case 'snooze': {
      const until = now + action.minutes * MINUTE_MS
      if (conversation)
        await snoozeConversation(tx, { conversationId: conversation.id, seenTurn: conversation.turn, until }, actor)
      return
    }
    case 'hand_over':
      if (conversation) await handOverConversation(tx, conversation.id, 'rule', now)
      return
    default:
      return action satisfies never
  }
}
