import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import * as words from '#contract/words.ts'
import { FAILURE_REASONS } from '#server/gateways/telegram/failures.ts'
import { ACTIVITY_KINDS } from '#server/modules/contacts/contact.rules.ts'

import { type Catalogue, flatten } from './locale-parity.rules.ts'

const ROOT = resolve(import.meta.dirname, '..')

const catalogue = (name: string): ReadonlySet<string> =>
  new Set(flatten(JSON.parse(readFileSync(join(ROOT, 'locales/en', `${name}.json`), 'utf8')) as Catalogue).keys())

/** Codes of the refusals in the server's sources: `new AppError(kind, 'code'` and `invalid('code'`. */
const refusalCodes = (): readonly string[] => {
  const files = readdirSync(join(ROOT, 'server'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const found = files.flatMap((file) => {
    const source = readFileSync(join(ROOT, 'server', file), 'utf8')
    return [...source.matchAll(/new AppError\(\s*'\w+',\s*'(\w+)'|\b(?:invalid|conflict)\(\s*'(\w+)'/g)].map(
      ([, a, b]) => a ?? b ?? '',
    )
  })
  return [...new Set(found)].sort()
}

describe('the catalogue of errors', () => {
  it('has a text for every refusal in the sources', () => {
    const texts = catalogue('errors')
    expect(refusalCodes().length).toBeGreaterThan(50)
    expect(refusalCodes().filter((code) => !texts.has(code))).toEqual([])
  })
})

describe('the catalogue of words', () => {
  it('says in words why a call to Telegram failed', () => {
    const texts = catalogue('words')
    const said = (reason: string) => texts.has(`reason.${reason}`) || texts.has(`failure.${reason}`)
    expect(FAILURE_REASONS.filter((reason) => !said(reason))).toEqual([])
  })

  it.each([
    ['segment', words.SEGMENTS],
    ['reason', words.GUARD_REASONS],
    ['deliveryState', words.DELIVERY_STATES],
    ['accountState', words.ACCOUNT_STATES],
    ['businessRight', words.BUSINESS_RIGHTS],
    ['campaignState', words.CAMPAIGN_STATES],
    ['campaignKind', words.CAMPAIGN_KINDS],
    ['campaignGoal', words.CAMPAIGN_GOALS],
    ['dripEvent', words.DRIP_EVENTS],
    ['dripState', words.DRIP_STATES],
    ['postResponse', words.POST_RESPONSES],
    ['messageClass', words.MESSAGE_CLASSES],
    ['reachability', words.REACHABILITIES],
    ['consent', words.CONSENT_PURPOSES],
    ['style', words.MESSAGE_STYLES],
    ['source', words.DELIVERY_SOURCES],
    ['assignmentSource', words.ASSIGNMENT_SOURCES],
    ['draftState', words.DRAFT_STATES],
    ['answerFinding', words.ANSWER_FINDINGS],
    ['aiHandOver', words.AI_HAND_OVERS],
    ['package', words.PACKAGES],
    ['subscriptionState', words.SUBSCRIPTION_STATES],
    ['role', words.MEMBER_ROLES],
    ['role', words.OPERATOR_ROLES],
    ['replyMode', words.REPLY_MODES],
    ['groupAction', words.GROUP_ACTIONS],
    ['groupAct', words.GROUP_ACT_KINDS],
    ['groupActState', words.GROUP_ACT_STATES],
    ['joinAdmission', words.JOIN_ADMISSIONS],
    ['joinRequestState', words.JOIN_REQUEST_STATES],
    ['groupPostState', words.GROUP_POST_STATES],
    ['groupPostFault', words.GROUP_POST_FAULTS],
    ['conversationState', words.CONVERSATION_STATES],
    ['linkAdmission', words.LINK_ADMISSIONS],
    ['linkState', words.INVITE_LINK_STATES],
    ['inviteBatchState', words.INVITE_BATCH_STATES],
    ['inviteProposalState', words.INVITE_PROPOSAL_STATES],
    ['inviteSkip', words.INVITE_SKIPS],
    ['referralState', words.REFERRAL_STATES],
    ['pointEntry', words.POINT_ENTRIES],
    ['ruleScope', words.RULE_SCOPES],
    ['ruleState', words.RULE_STATES],
    ['ruleOutcome', words.RULE_OUTCOMES],
    ['modelMode', words.MODEL_MODES],
    ['modelPurpose', words.MODEL_PURPOSES],
    ['modelRefusal', words.MODEL_REFUSALS],
    ['paymentState', words.PAYMENT_STATES],
    ['paymentProvider', words.PAYMENT_PROVIDERS],
    ['paymentReview', words.PAYMENT_REVIEW_REASONS],
    ['activity', [...ACTIVITY_KINDS, 'ordered', 'refunded', 'imported']],
    ['funnelStageKind', words.FUNNEL_STAGE_KINDS],
    ['orderState', words.ORDER_STATES],
    ['orderWay', words.ORDER_WAYS],
    ['orderReview', words.ORDER_REVIEW_REASONS],
    ['productKind', words.PRODUCT_KINDS],
    ['fulfilment', words.FULFILMENTS],
  ])('names every %s', (group, vocabulary) => {
    const texts = catalogue('words')
    expect(vocabulary.filter((word) => !texts.has(`${group}.${word}`))).toEqual([])
  })
})
