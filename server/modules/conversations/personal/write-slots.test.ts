import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { MODEL_REFUSALS } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { recordConsent } from '#server/modules/contacts/index.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import type { AskModel, ModelQuestion } from '#server/modules/llm/index.ts'
import { approveTemplate, createTemplate, updateTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant, ownerAt } from '#server/testing/factories.ts'

import { draftTemplate } from '../assist/draft-template.ts'
import { writePersona } from '../update-persona.ts'
import { changeSlotReview } from './change-slot-review.ts'
import { decideSlot } from './decide-slot.ts'
import { listSlots } from './list-slots.ts'
import { sampleSlots } from './sample-slots.ts'
import { writeSlots } from './write-slots.ts'

const PERSONA = {
  displayName: 'Selin',
  tone: 'samimi',
  style: 'kısa',
  language: 'tr',
  facts: { catalogue: [{ name: 'VIP üyelik', priceMinor: 25_000, currency: 'TRY' }], faq: [], notes: [] },
  doNots: [],
  greeting: 'Merhaba!',
  menu: [],
  sampleReplies: [],
} as const

const TEXT = '<b>Merhaba</b> {{personal:hello|Sizi yeniden görmek güzel.}} Haberlerimiz var.'
const FALLBACK = '<b>Merhaba</b> Sizi yeniden görmek güzel. Haberlerimiz var.'
const NOTE = '\n\n<i>Bu mesajın bir bölümünü yapay zekâ yazdı.</i>'

let db: Db
let tenantId: number
let accountId: number
let templateId: number

const within = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => inTenant(db, tenantId, work)
const input = (text = TEXT) => ({
  name: 'haber',
  messageClass: 'transactional' as const,
  slotBriefs: { hello: 'Tek sıcak cümle.' },
  variants: [{ name: 'a', locale: 'tr' as const, text }],
})

/** A model that writes the same into every slot, and keeps what it was asked. */
const saying = (text: string) => {
  const questions: ModelQuestion<unknown>[] = []
  const askModel: AskModel = async (question) => {
    questions.push(question)
    const { people } = JSON.parse(question.messages[0]?.content ?? '{}') as { people: { ref: string }[] }
    const value = question.shape.schema.parse({ texts: people.map(({ ref }) => ({ ref, slot: 'hello', text })) })
    return { kind: 'answered', value, model: 'test', promptVersion: question.prompt.version }
  }
  return { questions, askModel }
}

/** A tenant of its own with an approved template, a persona and one planned delivery for a contact who agreed. */
const world = async (firstName = 'Gülizar') => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  const by = { by: 'test', at: NOON }
  await within((tx) => writePersona(tx, accountId, PERSONA, 'persona.updated', by))
  const template = await within(async (tx) => {
    const { id } = await createTemplate(tx, input(), NOON)
    return approveTemplate(tx, id, NOON)
  })
  templateId = template.id
  return deliver(firstName)
}

const deliver = async (firstName = 'Gülizar') => {
  const contactId = await createContact(db, tenantId, {
    accountId,
    firstName,
    consents: ['ai_processing', 'marketing'],
  })
  const deliveryId = await plan(contactId)
  return { contactId, deliveryId }
}

const plan = async (contactId: number) => {
  const { telegram_id: chatId } = await db
    .selectFrom('contact')
    .select('telegram_id')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  const id = await createDelivery(db, tenantId, {
    accountId,
    contactId,
    chatId: chatId ?? 0,
    messageClass: 'transactional',
  })
  await db.updateTable('delivery').set({ template_id: templateId, variant: 'a' }).where('id', '=', id).execute()
  return id
}

const write = (askModel: AskModel) => writeSlots({ db, clock: new ManualClock(NOON), askModel }, tenantId)
const leaving = async () => {
  const { reserved } = await within((tx) => reserveSlots(tx, { accountId, now: NOON, limit: 50 }))
  return reserved.map(({ content }) => content.text)
}
const written = () => within((tx) => listSlots(tx, { limit: 50 }, ownerAt(NOON)))
const decide = (slotId: number, decision: 'approve' | 'reject') =>
  within((tx) => decideSlot(tx, { slotId, decision }, ownerAt(NOON)))
const byChecks = () => within((tx) => changeSlotReview(tx, 'checks', ownerAt(NOON)))

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

describe('writeSlots', () => {
  it('keeps a text for a member to read, and sends it escaped once they approved it', async () => {
    await world()
    expect(await write(saying('[AD], seni <özledik> & bekliyoruz.').askModel)).toMatchObject({ asked: 1, proposed: 1 })
    const [slot] = await written()
    await decide(slot?.id ?? 0, 'approve')
    expect(await leaving()).toEqual([
      '<b>Merhaba</b> Gülizar, seni &lt;özledik&gt; &amp; bekliyoruz. Haberlerimiz var.',
    ])
  })

  it('shows the model no name, and asks about nobody who has not agreed', async () => {
    const { contactId } = await world()
    const other = await deliver('Bahar')
    await within((tx) =>
      recordConsent(tx, {
        contactId: other.contactId,
        purpose: 'ai_processing',
        granted: false,
        textVersion: 'v1',
        source: 'bot',
        at: NOON,
      }),
    )
    const model = saying('Hoş geldin.')
    await write(model.askModel)
    expect(model.questions.map((question) => question.contactIds)).toEqual([[contactId]])
    expect(JSON.stringify(model.questions[0]?.messages)).not.toMatch(/Gülizar|Bahar/)
  })

  it.each(MODEL_REFUSALS)('changes not a byte of the message when the model is %s', async (reason) => {
    await world()
    await write(async () => ({ kind: 'unanswered', reason, retryAfterMs: null }))
    expect(await leaving()).toEqual([FALLBACK])
  })

  it('lets no text leave that nobody approved, whatever is in it', async () => {
    await world()
    await write(saying('Bugün seni bekliyoruz.').askModel)
    const [slot] = await written()
    expect(slot?.state).toBe('proposed')
    expect(await leaving()).toEqual([FALLBACK])
    await expect(decide(slot?.id ?? 0, 'approve')).rejects.toMatchObject({ code: 'slot_decided' })
  })

  it('takes an approved text back as long as its message waits', async () => {
    await world()
    await write(saying('Bugün seni bekliyoruz.').askModel)
    const [slot] = await written()
    await decide(slot?.id ?? 0, 'approve')
    await decide(slot?.id ?? 0, 'reject')
    expect(await leaving()).toEqual([FALLBACK])
  })

  it('says that a model wrote a part where the checks alone decide, and never lets a price beyond the catalogue leave', async () => {
    await world()
    await byChecks()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 99_999 }),
        fc.constantFrom('TL', '₺', 'lira'),
        async (price, sign) => {
          await deliver()
          const text = `VIP üyelik senin için ${price} ${sign}.`
          await write(saying(text).askModel)
          const expected = price === 250 ? `<b>Merhaba</b> ${text} Haberlerimiz var.${NOTE}` : FALLBACK
          expect((await leaving()).at(-1)).toBe(expected)
        },
      ),
      { numRuns: 12, examples: [[250, 'TL']] },
    )
    expect((await written()).filter(({ state, findings }) => state === 'approved' && findings.length > 0)).toEqual([])
  })

  it.each([
    ['a link', 'Bak: https://ornek.com/a', 'link'],
    ['more than 120 characters', 'çok '.repeat(40), 'too_long'],
    ['another language', 'This is what you and your friends have been waiting for', 'language'],
    ['nothing', ' ', 'empty'],
    ['a name for the nameless', 'Selam [AD], hoş geldin', 'prompt_echo'],
  ])('fails %s for good', async (_, text, finding) => {
    await world(text.includes('[AD]') ? '' : 'Gülizar')
    await byChecks()
    await write(saying(text).askModel)
    const [slot] = await written()
    expect(slot).toMatchObject({ state: 'failed', findings: expect.arrayContaining([finding]) })
    await expect(decide(slot?.id ?? 0, 'approve')).rejects.toMatchObject({ code: 'slot_decided' })
    expect(await leaving()).toEqual([FALLBACK])
  })

  it.each(['wording', 'catalogue', 'consent'])(
    'sends the fallback once the %s is another than it was',
    async (what) => {
      const { contactId } = await world()
      await byChecks()
      await write(saying('VIP üyelik 250 TL.').askModel)
      const at = NOON
      await within(async (tx) => {
        if (what === 'wording') await updateTemplate(tx, templateId, input(`Yeni: ${TEXT}`))
        else if (what === 'catalogue')
          await writePersona(
            tx,
            accountId,
            {
              ...PERSONA,
              facts: { ...PERSONA.facts, catalogue: [{ name: 'VIP üyelik', priceMinor: 30_000, currency: 'TRY' }] },
            },
            'persona.updated',
            { by: 'test', at },
          )
        else
          await recordConsent(tx, {
            contactId,
            purpose: 'ai_processing',
            granted: false,
            textVersion: 'v1',
            source: 'bot',
            at,
          })
      })
      expect(await leaving()).toEqual([what === 'wording' ? `Yeni: ${FALLBACK}` : FALLBACK])
    },
  )

  it('compares messages with the slots left out, so that new words do not make a repeat look new', async () => {
    const { contactId, deliveryId } = await world()
    await byChecks()
    await write(saying('Bugün seni bekliyoruz.').askModel)
    const second = await plan(contactId)
    await leaving()
    const rows = await db
      .selectFrom('delivery')
      .select(['id', 'content_hash'])
      .where('contact_id', '=', contactId)
      .execute()
    const hashOf = (id: number) => rows.find((row) => row.id === id)?.content_hash
    expect(hashOf(deliveryId)).not.toBeNull()
    expect(hashOf(second)).toBe(hashOf(deliveryId))
  })

  it('writes nothing twice, and nothing for what is due later than a day', async () => {
    const { deliveryId } = await world()
    const { deliveryId: later } = await deliver()
    await db
      .updateTable('delivery')
      .set({ due_at: new Date(NOON + 2 * DAY_MS) })
      .where('id', '=', later)
      .execute()
    const model = saying('Bugün seni bekliyoruz.')
    await Promise.all([write(model.askModel), write(model.askModel)])
    await write(model.askModel)
    expect((await written()).map((slot) => slot.deliveryId)).toEqual([deliveryId])
  })
})

describe('decideSlot', () => {
  it('is for those who approve templates, within their own tenant', async () => {
    await world()
    await write(saying('Bugün seni bekliyoruz.').askModel)
    const slotId = (await written())[0]?.id ?? 0
    const agent = { by: 'member:1', access: { kind: 'member', role: 'agent' }, at: NOON } as const
    await expect(within((tx) => decideSlot(tx, { slotId, decision: 'approve' }, agent))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const stranger = await createTenant(db)
    await expect(
      inTenant(db, stranger, (tx) => decideSlot(tx, { slotId, decision: 'approve' }, ownerAt(NOON))),
    ).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('sampleSlots', () => {
  it('shows how a message would read, and keeps nothing', async () => {
    const { contactId } = await world()
    const deps = { db, clock: new ManualClock(NOON), askModel: saying('Selam [AD].').askModel }
    const { samples } = await sampleSlots(deps, tenantId, { templateId, contactId, accountId }, ownerAt(NOON))
    expect(samples.map(({ text }) => text)).toEqual(['<b>Merhaba</b> Selam Gülizar. Haberlerimiz var.'])
    expect(await written()).toEqual([])
  })
})

describe('draftTemplate', () => {
  const drafting = (texts: readonly string[]): AskModel => {
    return async (question) => {
      expect(question.contactIds).toEqual([])
      const value = question.shape.schema.parse({ wordings: texts.map((text) => ({ text })) })
      return { kind: 'answered', value, model: 'test-model', promptVersion: 1 }
    }
  }
  const draft = (askModel: AskModel, access = ownerAt(NOON).access as never) =>
    draftTemplate(
      { db, clock: new ManualClock(NOON), askModel },
      tenantId,
      {
        brief: 'VIP üyeliği tanıt, samimi ol.',
        style: null,
        language: 'tr',
        messageClass: 'commercial',
        accountId,
        wordings: 2,
      },
      { by: 'test', access, at: NOON },
    )

  it('keeps the wordings that pass as a draft that names the model, and leaves out a price of its own making', async () => {
    await world()
    const result = await draft(
      drafting(['Merhaba {{first_name|dostum}}, VIP üyelik 250 TL.', 'VIP üyelik bugün 99 TL.']),
    )
    expect(result).toMatchObject({
      kind: 'drafted',
      template: { state: 'draft', draftedBy: 'test-model', variants: [{ name: 'a', locale: 'tr' }] },
      findings: [],
      refused: [{ findings: ['price'] }],
    })
  })

  it('makes no template of nothing, and none for who may not write any', async () => {
    await world()
    expect(await draft(drafting(['VIP üyelik bugün 99 TL.']))).toMatchObject({ kind: 'refused' })
    const off: AskModel = async () => ({ kind: 'unanswered', reason: 'off', retryAfterMs: null })
    expect(await draft(off)).toEqual({ kind: 'unanswered', reason: 'off' })
    await expect(draft(off, { kind: 'nobody' } as never)).rejects.toMatchObject({ kind: 'forbidden' })
  })
})
