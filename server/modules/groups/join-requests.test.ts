import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { JOIN_ADMISSIONS } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { recordOptOut } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'
import { type GroupsWorld, createGroupsWorld, ownerAt } from '#server/testing/groups-world.ts'

import { decideJoinRequest, listJoinRequests, recordJoinRequest, setJoinRule } from './answer-join-request.ts'
import { closeJoinRequests } from './join-request.store.ts'
import { decideJoin } from './join-rule.rules.ts'
import { performGroupActs } from './perform-acts.ts'

let db: Db
let world: GroupsWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createGroupsWorld(db)
})

const ask = async (contactId: number, userId: number, over: { isViaOwnLink?: boolean; at?: number } = {}) => {
  world.requestToJoin(userId)
  await world.run((tx) =>
    recordJoinRequest(tx, {
      accountId: world.accountId,
      chatTelegramId: world.chat.telegramId,
      contactId,
      isViaOwnLink: over.isViaOwnLink ?? false,
      requestedAt: over.at ?? NOON,
      now: NOON,
    }),
  )
}
const person = async (userId: number, knows = false) =>
  createContact(db, world.tenantId, { telegramId: userId, ...(knows && { accountId: world.accountId }) })
const rule = (change: Omit<Parameters<typeof setJoinRule>[1], 'chatId'>) =>
  world.run((tx) => setJoinRule(tx, { chatId: world.chatId, ...change }, ownerAt(NOON)))
const states = async () =>
  (await world.run((tx) => listJoinRequests(tx))).map(({ state, reason }) => `${state} ${reason}`).reverse()
const perform = () => performGroupActs(world.deps, world.tenantId)

describe('decideJoin', () => {
  const applicant = fc.record({
    isBarred: fc.boolean(),
    isContact: fc.boolean(),
    isPremium: fc.boolean(),
    isViaOwnLink: fc.boolean(),
    isInvited: fc.boolean(),
  })

  it('leaves whoever is barred to a person and never declines somebody with a link of ours', () => {
    fc.assert(
      fc.property(
        fc.record({
          admit: fc.constantFrom(...JOIN_ADMISSIONS),
          otherwise: fc.constantFrom('leave' as const, 'decline' as const),
        }),
        applicant,
        (given, who) => {
          const { decision } = decideJoin(given, who)
          expect(who.isBarred && decision !== 'leave').toBe(false)
          expect(who.isViaOwnLink && decision === 'decline').toBe(false)
          expect(given.admit === 'nobody' && !who.isInvited && decision === 'approve').toBe(false)
          expect(given.admit === 'all' && !who.isBarred && decision !== 'approve').toBe(false)
        },
      ),
    )
  })
})

describe('recordJoinRequest', () => {
  it('leaves every request to a person before a rule is set, and writes to nobody', async () => {
    await ask(await person(301), 301)
    await perform()
    expect(await states()).toEqual(['waiting ask'])
    expect(world.statusOf(301)).toBeNull()
    expect(await world.deliveries()).toEqual([])
  })

  it('lets contacts in and declines the others, where the rule says so', async () => {
    await rule({ admit: 'contacts', otherwise: 'decline' })
    await ask(await person(301, true), 301)
    await ask(await person(302), 302)
    await ask(await person(303), 303, { isViaOwnLink: true })
    await perform()
    expect(await states()).toEqual(['approved rule', 'declined rule', 'waiting personal_link'])
    expect([world.statusOf(301), world.statusOf(302)]).toEqual(['member', null])
  })

  it('leaves somebody who wants no messages to a person, whatever the rule', async () => {
    await rule({ admit: 'all' })
    const contactId = await person(301, true)
    await world.run((tx) =>
      recordOptOut(tx, { contactId, source: 'command', accountId: world.accountId, updateId: 1, at: NOON }),
    )
    await ask(contactId, 301)
    expect(await states()).toEqual(['waiting suppressed'])
  })

  it('is answered once, however often it is told of', async () => {
    await rule({ admit: 'all' })
    const contactId = await person(301)
    for (let n = 0; n < 3; n += 1) await ask(contactId, 301)
    await perform()
    expect(await states()).toEqual(['approved rule'])
    expect(await world.acts()).toHaveLength(1)
  })

  it('shows that it may not let anybody in', async () => {
    await rule({ admit: 'all' })
    await world.place('administrator', { rights: { can_delete_messages: true }, at: NOON })
    await ask(await person(301), 301)
    expect(await states()).toEqual(['failed rule'])
    expect(await world.acts()).toMatchObject([{ kind: 'approve', state: 'failed', reason: 'no_admin_right' }])
  })
})

describe('decideJoinRequest', () => {
  it('is for whoever may answer people, once, and of one tenant alone', async () => {
    await ask(await person(301), 301)
    const [request] = await world.run((tx) => listJoinRequests(tx))
    const decide = (access: Parameters<typeof decideJoinRequest>[2]['access']) =>
      world.run((tx) =>
        decideJoinRequest(tx, { requestId: request?.id ?? 0, decision: 'approve' }, { ...ownerAt(NOON), access }),
      )
    await expect(decide({ kind: 'member', role: 'analyst' })).rejects.toThrow(/not_allowed/)
    await expect(
      inTenant(db, await createTenant(db), (tx) =>
        decideJoinRequest(tx, { requestId: request?.id ?? 0, decision: 'approve' }, ownerAt(NOON)),
      ),
    ).rejects.toThrow(/not_found/)
    await decide({ kind: 'member', role: 'agent' })
    await perform()
    expect(await states()).toEqual(['approved by_hand'])
    expect(world.statusOf(301)).toBe('member')
    await expect(decide({ kind: 'member', role: 'owner' })).rejects.toThrow(/join_request_decided/)
  })

  it('is over when somebody else let the person in', async () => {
    const contactId = await person(301)
    await ask(contactId, 301)
    await world.run((tx) => closeJoinRequests(tx, [{ contactId, chatTelegramId: world.chat.telegramId }], NOON))
    expect(await states()).toEqual(['elsewhere ask'])
  })
})
