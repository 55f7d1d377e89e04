import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { removeOldFires } from '#server/db/retention.ts'
import {
  addTags,
  createPipeline,
  eraseContact,
  exportContact,
  getContact,
  listContactStages,
} from '#server/modules/contacts/index.ts'
import { findConversationOf } from '#server/modules/conversations/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact } from '#server/testing/factories.ts'

import { type RuleWorld, createRuleWorld, keywordRule, owner } from './automations.suite.ts'
import { editRule, fireAllRules, setRuleState } from './index.ts'

let db: Db
let world: RuleWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createRuleWorld(db)
})

const conversation = () => world.within((tx) => findConversationOf(tx, world.accountId, world.contactId))

describe('fireRules', () => {
  it('answers with the text of the contact’s language, names filled in, and counts the conversation as answered', async () => {
    await world.add({
      name: 'kargo',
      trigger: { kind: 'keyword', words: ['kargo'] },
      actions: [
        {
          kind: 'reply',
          texts: [
            { locale: 'tr', text: 'Merhaba {{first_name|dostum}}, kargo 2 gün.' },
            { locale: 'en', text: 'Two days, {{first_name|friend}}.' },
          ],
        },
        { kind: 'tag', add: ['kargo-soran'] },
      ],
    })
    expect(await world.say('Kargo ne zaman gelir?')).toMatchObject({ isHandled: true, fired: [{}] })
    expect(await world.answers()).toEqual(['Merhaba Ayşe, kargo 2 gün.'])
    expect(await conversation()).toMatchObject({ state: 'waiting' })
    expect(await world.within((tx) => getContact(tx, world.contactId))).toMatchObject({ tags: ['kargo-soran'] })
  })

  it('answers nothing where no rule matches, and leaves the words to the next', async () => {
    await world.add(keywordRule('kargo', 'Yolda'))
    expect(await world.say('iade istiyorum')).toEqual({ isHandled: false, fired: [] })
    expect(await world.answers()).toEqual([])
    expect(await conversation()).toMatchObject({ state: 'open' })
  })

  it('asks by priority and then by age, lets the first that matches end it, and goes on where it says so', async () => {
    await world.add(keywordRule('kargo', 'eski'))
    await world.add(keywordRule('kargo', 'yeni', { name: 'yeni' }))
    await world.say('kargo')
    const label = { kind: 'tag', add: ['kargo'] }
    await world.add({ ...keywordRule('kargo', ''), name: 'etiket', priority: 900, goesOn: true, actions: [label] })
    await world.add(keywordRule('kargo', 'önce', { name: 'önce', priority: 500 }))
    const { fired } = await world.say('kargo')
    expect(fired).toHaveLength(2)
    expect(await world.answers()).toEqual(['eski', 'önce'])
  })

  it('answers a message once, also when several rules go on', async () => {
    await world.add(keywordRule('a', 'bir', { goesOn: true }))
    await world.add(keywordRule('b', 'iki', { goesOn: true }))
    expect(await world.say('a b')).toMatchObject({ isHandled: false })
    expect(await world.answers()).toEqual(['bir'])
  })

  it('does nothing a second time at the same update', async () => {
    await world.add(keywordRule('kargo', 'Yolda'))
    await world.say('kargo', { updateId: 77 })
    expect(await world.say('kargo', { updateId: 77 })).toEqual({ isHandled: true, fired: [] })
    expect(await world.answers()).toEqual(['Yolda'])
  })

  it('never fires a rule that is off or removed, and fires what it says now', async () => {
    const { id } = await world.add(keywordRule('kargo', 'Yolda'))
    const set = (state: 'enabled' | 'disabled' | 'removed') =>
      world.within((tx) => setRuleState(tx, { id, state }, owner))
    await world.say('kargo')
    await set('disabled')
    await world.say('kargo')
    await set('enabled')
    await world.within((tx) => editRule(tx, { id, change: { trigger: { kind: 'command', command: '/takip' } } }, owner))
    await world.say('kargo')
    await world.say('/takip@bot 12')
    await set('removed')
    await world.say('/takip')
    expect(await world.answers()).toEqual(['Yolda', 'Yolda'])
  })

  it('says in the hours outside work, on the tenant’s clock, that nobody is there: once, and nobody counts it as an answer', async () => {
    await world.add({
      name: 'mesai',
      trigger: { kind: 'time', when: 'outside', from: '09:00', to: '18:00', weekdays: [1, 2, 3, 4, 5] },
      actions: [{ kind: 'reply', texts: [{ locale: 'tr', text: 'Mesai dışı' }] }],
    })
    await world.say('selam', { at: NOON })
    expect(await world.answers()).toEqual([])
    const evening = NOON + 6 * HOUR_MS
    await world.say('selam', { at: evening })
    await world.say('kimse yok mu', { at: evening + 5 * MINUTE_MS })
    expect(await world.answers()).toEqual(['Mesai dışı'])
    expect(await conversation()).toMatchObject({ state: 'open' })
    const saturday = NOON + 5 * 24 * HOUR_MS
    await world.say('hafta sonu', { at: saturday })
    expect(await world.answers()).toHaveLength(2)
  })

  it('looks at tags, language and consent of the contact', async () => {
    const vip = { conditions: { tags: ['vip'], withoutTags: ['kara'], languages: ['tr'] } }
    await world.add(keywordRule('kargo', 'VIP', vip))
    await world.add(keywordRule('iade', 'Onaylı', { conditions: { consents: ['marketing'] } }))
    await world.say('kargo')
    await world.say('iade')
    expect(await world.answers()).toEqual([])
    const tag = (tags: string[]) => world.within((tx) => addTags(tx, { contactIds: [world.contactId], tags, at: NOON }))
    await tag(['vip'])
    await world.say('kargo')
    expect(await world.answers()).toEqual(['VIP'])
    await tag(['kara'])
    await world.say('kargo')
    const granted = await createContact(db, world.tenantId, { accountId: world.accountId, consents: ['marketing'] })
    await world.say('iade', { contactId: granted })
    expect(await world.answers()).toEqual(['VIP', 'Onaylı'])
  })

  it('answers in a group only what addresses the account, unless told otherwise, and then with the group’s cooldown', async () => {
    await world.add(keywordRule('kargo', 'Seslenene', { scope: 'group' }))
    const inGroup = { place: 'group', chatId: -500 } as const
    await world.say('kargo', inGroup)
    expect(await world.answers()).toEqual([])
    await world.say('kargo', { ...inGroup, isAddressed: true })
    await world.add(keywordRule('iade', 'Herkese', { scope: 'group', groupReach: 'everything' }))
    const later = (minutes: number) => ({ ...inGroup, at: NOON + minutes * MINUTE_MS })
    await db
      .updateTable('tenant_limits')
      .set({ group_post_cooldown_seconds: 300 })
      .where('tenant_id', '=', world.tenantId)
      .execute()
    await world.say('iade', later(1))
    await world.say('iade', later(5))
    await world.say('iade', later(9))
    expect(await world.answers()).toEqual(['Seslenene', 'Herkese'])
    await world.say('kargo')
    expect(await world.answers()).toHaveLength(2)
  })

  it('greets who joins a group, into the group and not by name of the contact', async () => {
    await world.add({
      name: 'hoş geldin',
      trigger: { kind: 'join' },
      actions: [{ kind: 'reply', texts: [{ locale: 'tr', text: 'Hoş geldin {{first_name|yeni üye}}' }] }],
    })
    await world.happen({ kind: 'join', place: 'group', chatId: -500 })
    const { contact_id, chat_id } = await db
      .selectFrom('delivery')
      .select(['contact_id', 'chat_id'])
      .where('tenant_id', '=', world.tenantId)
      .executeTakeFirstOrThrow()
    expect([contact_id, chat_id]).toEqual([null, -500])
  })

  it('leaves a ledger that is exported and erased with the person, and forgotten after ninety days', async () => {
    const { id } = await world.add(keywordRule('kargo', 'Yolda'))
    await world.say('kargo')
    const ledger = () =>
      db.selectFrom('rule_fired').select(['contact_id', 'chat_id']).where('rule_id', '=', id).execute()
    const exported = await world.within((tx) => exportContact(tx, world.contactId, NOON))
    expect(exported.sections.firedRules).toMatchObject([{ rule_id: id }])
    await world.within((tx) => eraseContact(tx, world.contactId, { by: 'member:1', at: NOON }))
    expect(await ledger()).toEqual([{ contact_id: null, chat_id: 0 }])
    await removeOldFires(db, NOON + 90 * 24 * HOUR_MS)
    expect(await ledger()).toHaveLength(1)
    await removeOldFires(db, NOON + 91 * 24 * HOUR_MS)
    expect(await ledger()).toEqual([])
  })

  it('hands the conversation over, and puts it out of sight', async () => {
    await world.add({
      name: 'insan',
      trigger: { kind: 'keyword', words: ['yetkili'] },
      actions: [{ kind: 'hand_over' }],
    })
    await world.add({
      name: 'sonra',
      trigger: { kind: 'keyword', words: ['sonra'] },
      actions: [{ kind: 'snooze', minutes: 60 }],
    })
    await world.say('yetkiliyle görüşmek')
    expect(await conversation()).toMatchObject({ handedOverAt: null })
    await world.say('bir yetkili lütfen')
    expect(await conversation()).toMatchObject({ handedOverAt: NOON, handOverReason: 'rule' })
    await world.say('sonra yazarım')
    expect(await conversation()).toMatchObject({ state: 'snoozed', snoozedUntil: NOON + HOUR_MS })
  })

  it('moves the contact to a stage, gives the conversation to a member, and refuses who and what is not there', async () => {
    await world.within((tx) => createPipeline(tx, { name: 'Satış', stages: ['Yeni', 'Teklif'] }, owner))
    const { id: memberId } = await db
      .insertInto('member')
      .values({
        tenant_id: world.tenantId,
        telegram_id: 1,
        role: 'agent',
        name: 'Bora',
        invited_by: 'system',
        joined_at: new Date(NOON),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const trigger = { kind: 'keyword', words: ['teklif'] }
    const stage = (name: string) => ({ kind: 'stage', pipeline: 'Satış', stage: name })
    const assign = { kind: 'assign', memberId }
    await expect(world.add({ name: 'a', trigger, actions: [stage('Yok')] })).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(
      world.add({ name: 'a', trigger, actions: [{ ...assign, memberId: memberId + 1 }] }),
    ).rejects.toMatchObject({ code: 'assignee' })
    await world.add({ name: 'a', trigger, actions: [stage('Teklif'), assign] })
    await world.say('teklif istiyorum')
    expect(await conversation()).toMatchObject({ assignedTo: memberId })
    const stages = await world.within((tx) => listContactStages(tx, world.contactId, owner))
    expect(stages).toMatchObject([{ stage: 'Teklif' }])
  })

  it('never exceeds a cooldown or a daily limit, whatever the history', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          cooldown: fc.integer({ min: 0, max: 90 }),
          perDay: fc.option(fc.integer({ min: 1, max: 4 })),
          minutes: fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 12 }),
        }),
        async ({ cooldown, perDay, minutes }) => {
          const own = await createRuleWorld(db)
          const limits = { contactCooldownMinutes: cooldown, maxPerDay: perDay }
          const { id } = await own.add(keywordRule('kargo', 'Yolda', limits))
          for (const minute of minutes) await own.say('kargo', { at: NOON + minute * MINUTE_MS })
          const rows = await db.selectFrom('rule_fired').select('at').where('rule_id', '=', id).orderBy('at').execute()
          const at = rows.map((row) => row.at.getTime())
          for (const [i, instant] of at.entries()) {
            if (i > 0) expect(instant - (at[i - 1] ?? 0)).toBeGreaterThanOrEqual(cooldown * MINUTE_MS)
            const day = at.filter((other) => other > instant - 24 * HOUR_MS && other <= instant)
            if (perDay !== null) expect(day.length).toBeLessThanOrEqual(perDay)
          }
          expect(at.length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('fires once when two workers apply words of the same contact at the same moment', async () => {
    await world.add(keywordRule('kargo', 'Yolda', { contactCooldownMinutes: 60 }))
    const results = await Promise.all(Array.from({ length: 8 }, () => world.say('kargo')))
    expect(results.flatMap(({ fired }) => fired)).toHaveLength(1)
    expect(await world.answers()).toEqual(['Yolda'])
  })

  it('counts a daily limit over all contacts, also when many write at the same moment', async () => {
    await world.add(keywordRule('kargo', 'Yolda', { maxPerDay: 3 }))
    const people = await Promise.all(
      Array.from({ length: 8 }, () => createContact(db, world.tenantId, { accountId: world.accountId })),
    )
    await Promise.all(people.map((contactId) => world.say('kargo', { contactId })))
    expect(await world.answers()).toHaveLength(3)
  })

  it('counts what it does for one at the next, where several write at once', async () => {
    await world.add(keywordRule('kargo', 'Yolda', { maxPerDay: 2 }))
    const people = [world.contactId]
    for (const _ of [1, 2]) people.push(await createContact(db, world.tenantId, { accountId: world.accountId }))
    const words = (contactId: number, updateId: number) => ({ ...world.words('kargo'), contactId, updateId })
    const results = await world.within(async (tx) => {
      const tenant = await getOwnTenant(tx)
      return fireAllRules(
        tx,
        people.map((contactId, i) => ({ ...words(contactId, 9_000 + i), chatId: contactId, tenant })),
      )
    })
    expect(results.map(({ isHandled }) => isHandled)).toEqual([true, true, false])
    expect(await world.answers()).toEqual(['Yolda', 'Yolda'])
  })

  it('keeps a chat’s cooldown and answers an update once, where several speak in one group at once', async () => {
    const given = keywordRule('kargo', 'Yolda', { scope: 'group', groupReach: 'everything', chatCooldownMinutes: 5 })
    await world.add(given)
    const other = await createContact(db, world.tenantId, { accountId: world.accountId })
    const results = await world.within(async (tx) => {
      const tenant = await getOwnTenant(tx)
      const inGroup = { ...world.words('kargo'), tenant, place: 'group', conversation: null, chatId: -100 } as const
      return fireAllRules(tx, [
        { ...inGroup, updateId: 9_100 },
        { ...inGroup, contactId: other, updateId: 9_101 },
      ])
    })
    expect(results.map(({ fired }) => fired.length)).toEqual([1, 0])
    expect(await world.answers()).toEqual(['Yolda'])
  })
})
