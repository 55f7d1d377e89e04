import { Kysely, PostgresDialect } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Db } from '#server/db/pool.ts'
import type { DB } from '#server/db/schema.generated.ts'
import { getPersona, setProductPrice, updatePersona } from '#server/modules/conversations/index.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { type PersonaWorld, actor, createPersonaWorld } from './persona-world.suite.ts'
import { callbackUpdate, messageUpdate, supergroup } from './update-factories.suite.ts'
import { createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: PersonaWorld
/** Every statement since it was emptied. */
const statements: string[] = []

beforeAll(async () => {
  const { pool } = await createTestDatabase()
  const log = ({ query }: { readonly query: { readonly sql: string } }) => void statements.push(query.sql)
  db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }), log })
})

beforeEach(async () => {
  world = await createPersonaWorld(db)
})

const plain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, '').replaceAll('\u00A0', ' ')

describe('greet', () => {
  it('greets in the persona’s words, without markup, and leaves notice and question of consent as they are', async () => {
    await world.change({ greeting: 'Selam <b>& hoş geldin' })
    const own = await world.ask('/start')
    expect(own.text.startsWith('Selam &lt;b&gt;&amp; hoş geldin\n\n<b>Kim yazıyor:</b> Deneme')).toBe(true)
    const version = own.buttons.flat()[0]?.action
    await world.change({ greeting: '' })
    const ours = await world.ask('/start')
    expect(ours.text).toContain('Merhaba Ayşe')
    expect(ours.text.slice(ours.text.indexOf('<b>Kim'))).toBe(own.text.slice(own.text.indexOf('<b>Kim')))
    expect(ours.buttons.flat()[0]?.action).toBe(version)
  })

  it('says its own words as they are written, and ours in the contact’s language', async () => {
    await world.change({ greeting: 'Selam' })
    const { text } = await world.ask('/start', 'en')
    expect(text).toContain('Selam\n\n<b>Who writes:</b>')
  })
})

describe('menu', () => {
  it('offers services and frequent questions as buttons and answers the one that is pressed, with its price', async () => {
    await world.change({ menu: [{ label: 'Üyelik <3', text: 'Bir ay & daha çok', product: 'VIP üyelik' }] })
    await world.within(async (tx) => {
      const { facts: known } = await getPersona(tx, world.accountId)
      const faq = [{ question: 'Kargo?', answer: 'İki gün.' }]
      await updatePersona(tx, { accountId: world.accountId, change: { facts: { ...known, faq } } }, actor)
    })
    const shown = await world.ask('/menu', 'en')
    expect(shown.labels).toEqual([
      'Üyelik <3',
      'Kargo?',
      'Price',
      'Talk to us',
      'Messages at night',
      'Privacy',
      'Stop messages',
    ])
    const item = await world.pressLabel('Üyelik <3')
    expect(plain(item.text)).toBe('<b>Üyelik &lt;3</b>\n\nBir ay &amp; daha çok\n\nVIP üyelik: <b>₺500</b>')
    await world.ask('/menu')
    expect((await world.pressLabel('Kargo?')).text).toContain('İki gün.')
  })

  it('turns pages where there is more than fits', async () => {
    await world.change({ menu: Array.from({ length: 17 }, (_, i) => ({ label: `Konu ${i}`, text: `Metin ${i}` })) })
    expect((await world.ask('/menu')).labels).toEqual(expect.arrayContaining(['Konu 0', 'Konu 7', '1/3', '▶️']))
    const second = await world.pressLabel('▶️')
    expect(second.labels).toEqual(expect.arrayContaining(['Konu 8', 'Konu 15', '◀️', '2/3']))
    expect(second.labels).not.toContain('Konu 7')
    expect((await world.pressLabel('Konu 15')).text).toContain('Metin 15')
  })

  it('says of a button whose item is gone that it no longer works, and shows the newest text of one that is not', async () => {
    await world.change({ menu: [{ label: 'Adres', text: 'Eski' }] })
    await world.ask('/menu')
    const { data, text } = await world.pressLabel('Adres')
    expect(text).toContain('Eski')
    await world.change({
      menu: [
        { label: 'Yeni', text: 'x' },
        { label: 'Adres', text: 'Taşındık' },
      ],
    })
    await world.process(callbackUpdate(data))
    expect((await world.newest()).text).toContain('Taşındık')
    await world.change({ menu: [] })
    const before = (await world.replies()).length
    await world.process(callbackUpdate(data), callbackUpdate(data.replace(/:.*/, '')))
    expect(await world.replies()).toHaveLength(before)
    expect(world.toasts.at(-1)?.text).toContain('artık geçerli değil')
  })

  it('is ours alone for an account without a persona, whatever another account says', async () => {
    const other = await createUpdatesWorld(db)
    await other.process(messageUpdate('/menu'), messageUpdate('/fiyat'))
    const [shown, price] = await other.replies()
    expect(shown?.buttons.flat().map(({ action }) => action)).toEqual(['price', 'human', 'night', 'privacy', 'stop'])
    expect(price?.text).toContain('Fiyat sorunuz')
  })
})

describe('price', () => {
  it('lists the catalogue in the money of the contact’s language, and no other figure', async () => {
    await world.facts({
      catalogue: [
        { name: 'VIP <üyelik>', priceMinor: 29_990, currency: 'TRY' },
        { name: 'Kurs', priceMinor: 120_000, currency: 'EUR' },
      ],
    })
    expect(plain((await world.ask('/fiyat')).text)).toContain('VIP &lt;üyelik&gt;: <b>₺299,90</b>\nKurs: <b>€1.200</b>')
    const english = plain((await world.ask('/price', 'en')).text)
    expect(english).toContain('Kurs: <b>€1,200</b>')
    expect(english.replaceAll(/299\.90|1,200/g, '')).not.toMatch(/\d/)
  })

  it('follows the product’s price, and tells it alone where there is no catalogue', async () => {
    const { accountId } = world
    await world.within((tx) => setProductPrice(tx, { accountId, priceMinor: 34_900 }, actor))
    expect(plain((await world.ask('/fiyat')).text)).toContain('VIP üyelik: <b>₺349</b>')
    await world.facts({ catalogue: [] })
    expect(plain((await world.ask('/fiyat')).text)).toContain('Ürün: <b>₺349</b>')
    await world.within((tx) => setProductPrice(tx, { accountId, priceMinor: 0 }, actor))
    expect((await world.ask('/fiyat')).text).toContain('Fiyat sorunuz')
  })

  it('keeps a long list within a message, in pages', async () => {
    const name = 'ş'.repeat(95)
    const catalogue = Array.from({ length: 100 }, (_, i) => ({
      name: `${name} ${i}`,
      priceMinor: 100_000_000_000,
      currency: 'TRY',
    }))
    await world.facts({ catalogue })
    const first = await world.ask('/fiyat')
    expect(first.text.length).toBeLessThan(4_096)
    expect(first.labels).toContain('1/4')
    expect((await world.pressLabel('▶️')).text).toContain(`${name} 30`)
  })
})

describe('answers of an account in mode manual', () => {
  it('change with what the command line sets, and nothing leaves but answers to commands and buttons', async () => {
    const { slug } = await db
      .selectFrom('tenant')
      .select('slug')
      .where('id', '=', world.tenantId)
      .executeTakeFirstOrThrow()
    const { run } = createCliRunner(db)
    await world.ask('/start')
    const set = ['personas', 'set', String(world.accountId), '--greeting', 'Hoş geldin!', '--price', '199']
    expect((await run([...set, '--tenant', slug])).code).toBe(0)
    expect((await world.ask('/start')).text).toContain('Hoş geldin!\n\n')
    expect(plain((await world.ask('/fiyat')).text)).toContain('<b>₺199</b>')
    const before = (await world.replies()).length
    await world.process(messageUpdate('fiyat nedir?'), messageUpdate('menu'), messageUpdate('Fiyatlar'))
    expect(await world.replies()).toHaveLength(before)
    const all = await db
      .selectFrom('delivery')
      .select('message_class')
      .where('tenant_id', '=', world.tenantId)
      .execute()
    expect(all).toHaveLength(before)
  })

  it('opens what lies below an item of the menu, and links at once', async () => {
    await world.change({
      menu: [
        {
          label: 'Şubeler',
          text: 'Hangisi?',
          items: [
            { label: 'Kadıköy', text: 'Moda Caddesi 1' },
            { label: 'Harita', text: '', link: 'https://ornek.com/harita' },
          ],
        },
      ],
    })
    await world.ask('/menu')
    const branches = await world.pressLabel('Şubeler')
    expect(branches.text).toContain('Hangisi?')
    expect(branches.buttons.flat()).toContainEqual({ text: 'Harita', url: 'https://ornek.com/harita' })
    expect((await world.pressLabel('Kadıköy')).text).toContain('Moda Caddesi 1')
  })
})

describe('applyUpdates', () => {
  it('reads the personas once for a batch in which somebody speaks to an account alone, and never for groups', async () => {
    const reads = () => statements.filter((text) => /from "(?:persona|account_setting)"/.test(text)).length
    statements.length = 0
    await world.process(messageUpdate('/menu', { chat: supergroup }), messageUpdate('selam', { chat: supergroup }))
    expect(reads()).toBe(0)
    const asked = ['/gizlilik', '/menu', '/fiyat', '/start', '/menu', '/menu'].map((text) => messageUpdate(text))
    await world.process(...asked)
    expect(await world.replies()).toHaveLength(6)
    expect(reads()).toBe(2)
  })
})
