import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Locale, PackageName } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { Access } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { addKnowledge, findKnowledge, getKnowledge, listKnowledge, removeKnowledge } from '../index.ts'

let db: Db
let tenantId: number
let accountId: number

const owner: Access = { kind: 'member', role: 'owner' }
const acting = (access: Access = owner) => ({ by: 'member:1', access, at: NOON })

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(() => on('professional'))

const on = async (name: PackageName) => {
  tenantId = await createTenant(db, { package: name })
  accountId = await createAccount(db, tenantId)
}
const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const add = (name: string, text: string | Uint8Array, language?: Locale, access?: Access) =>
  within((tx) =>
    addKnowledge(
      tx,
      { accountId, name, bytes: typeof text === 'string' ? Buffer.from(text) : text, ...(language && { language }) },
      acting(access),
    ),
  )
const find = (query: string, limit?: number) => within((tx) => findKnowledge(tx, accountId, query, limit))

const IADE = `# İade

## Süre
Ürünü 14 gün içinde iade edebilirsiniz.

## Kargo ücreti
İadede kargo ücretini biz öderiz.

# Çalışma saatleri
Hafta içi 09.00–18.00 arası açığız.`

describe('findKnowledge', () => {
  it('finds what a Turkish question asks, with its file, however the question is typed and inflected', async () => {
    await add('iade.md', IADE, 'tr')
    for (const question of ['Kargo ücreti ne kadar?', 'KARGO UCRETI', 'iadenin kargosunu kim ödüyor', 'kargonuz?']) {
      const [best] = await find(question)
      expect({ question, ...best }).toMatchObject({ source: 'iade.md', version: 1, heading: 'İade › Kargo ücreti' })
    }
    expect((await find('çalışıyor musunuz hafta içi'))[0]?.heading).toBe('Çalışma saatleri')
  })

  it('finds in English, Russian and Arabic by their own dictionaries', async () => {
    await add('en.txt', 'Deliveries are shipped within two days.', 'en')
    await add('ru.txt', 'Доставка занимает два дня.', 'ru')
    await add('ar.txt', 'يستغرق التوصيل يومين.', 'ar')
    expect((await find('when is my delivery shipping'))[0]?.source).toBe('en.txt')
    expect((await find('сколько дней идёт доставки'))[0]?.source).toBe('ru.txt')
    expect((await find('كم يستغرق التوصيل'))[0]?.source).toBe('ar.txt')
  })

  it('ranks the passage that holds the rare words first and finds nothing where nothing fits', async () => {
    const common = Array.from({ length: 30 }, (_, i) => `Üyelik konusu ${i} ${'x'.repeat(650)}`).join('\n\n')
    await add('uyelik.txt', `${common}\n\nÜyelik dondurma ücretsizdir ${'y'.repeat(650)}`, 'tr')
    const found = await find('üyelik dondurma')
    expect(found[0]?.text).toContain('dondurma')
    expect(found[0]?.score).toBeCloseTo(1)
    expect(found).toHaveLength(5)
    expect(found[1]?.score).toBeLessThan(0.3)
    expect(await find('helikopter')).toEqual([])
    expect(await find('nedir? ne kadar :)')).toEqual([])
    expect(await find("'); drop table knowledge_file; -- & | ! <-> :*")).toEqual([])
  })

  it('reads rows of a table with their columns and items of a JSON', async () => {
    await add('urunler.csv', 'Ürün;Renk;Stok\nGömlek;mavi;4\nPantolon;siyah;0\n', 'tr')
    await add('sss.json', JSON.stringify({ sorular: [{ soru: 'Taksit var mı?', cevap: 'Evet, 6 taksit.' }] }), 'tr')
    expect((await find('siyah pantolon'))[0]).toMatchObject({ source: 'urunler.csv' })
    expect((await find('siyah pantolon'))[0]?.text).toContain('Ürün: Pantolon; Renk: siyah; Stok: 0')
    expect((await find('taksit'))[0]).toMatchObject({ source: 'sss.json', heading: 'sorular' })
  })

  it('knows nothing of another account or another tenant', async () => {
    await add('iade.md', IADE, 'tr')
    const other = await createAccount(db, tenantId)
    expect(await within((tx) => findKnowledge(tx, other, 'kargo'))).toEqual([])
    const stranger = await createTenant(db)
    expect(await inTenant(db, stranger, (tx) => findKnowledge(tx, accountId, 'kargo'))).toEqual([])
  })
})

describe('addKnowledge', () => {
  it('replaces a file as a new version, keeps what it said before, and makes none of the same text', async () => {
    await add('iade.md', IADE)
    expect(await add('iade.md', IADE)).toMatchObject({ version: 1 })
    expect(await add('iade.md', '# İade\nArtık 30 gün.')).toMatchObject({ version: 2, passageCount: 1 })
    expect(await find('kargo')).toEqual([])
    expect((await find('30 gün'))[0]).toMatchObject({ version: 2 })
    const view = await within((tx) => getKnowledge(tx, { accountId, name: 'iade.md' }, owner))
    expect(view.versions.map(({ version }) => version)).toEqual([2, 1])
    expect(view.passages).toEqual([{ heading: 'İade', text: 'Artık 30 gün.' }])
  })

  it.each([
    ['fiyat.pdf', '%PDF-1.7', 'knowledge_type'],
    ['fiyat', 'metin', 'knowledge_type'],
    ['../fiyat.txt', 'metin', 'knowledge_name'],
    ['fiyat.txt', new Uint8Array([0xfe, 0xff, 0x00, 0x41]), 'knowledge_encoding'],
    ['fiyat.txt', '%PDF-1.7 gizli', 'knowledge_encoding'],
    ['fiyat.txt', ' \n ', 'knowledge_empty'],
    ['fiyat.json', '{"a": ', 'knowledge_json'],
    ['fiyat.csv', 'a,"b\n1,2', 'knowledge_csv'],
    ['fiyat.txt', 'Bilgi\nTelefon: 0532 123 45 67', 'knowledge_secret'],
    ['fiyat.txt', 'IBAN TR33 0006 1005\n1978 6457 8413 26', 'knowledge_secret'],
    ['fiyat.txt', 'Ben gerçek bir insanım', 'knowledge_use'],
  ])('refuses %s that holds what it must not: %#', async (name, content, code) => {
    await expect(add(name, content)).rejects.toMatchObject({ kind: 'invalid', code })
    expect(await within((tx) => listKnowledge(tx, accountId, owner))).toEqual([])
  })

  it('names the line of a secret and never the secret', async () => {
    const refusal = await add('a.txt', 'Bir\nİki\nşifre: cokgizli1').then(String, String)
    expect(refusal).toContain('"line":3')
    expect(refusal).not.toContain('cokgizli1')
  })

  it('holds number and size of files to the package and says which lifts it', async () => {
    await on('starter')
    for (const n of [1, 2, 3, 4, 5]) await add(`${n}.txt`, `Bilgi ${n}`)
    await expect(add('6.txt', 'Bilgi 6')).rejects.toMatchObject({
      kind: 'limit_reached',
      code: 'knowledge_files',
      params: { limit: 5, liftedBy: 'professional' },
    })
    expect(await add('5.txt', 'Yeni bilgi')).toMatchObject({ version: 2 })
    await expect(add('1.txt', 'a '.repeat(40_000))).rejects.toMatchObject({ code: 'knowledge_file_size' })
  })

  it('keeps out who may not change personas, and other tenants', async () => {
    for (const access of [{ kind: 'member', role: 'agent' }, { kind: 'nobody' }] as const)
      await expect(add('a.txt', 'Bilgi', 'tr', access)).rejects.toMatchObject({ kind: 'forbidden' })
    tenantId = await createTenant(db)
    await expect(add('a.txt', 'Bilgi')).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('removeKnowledge', () => {
  it('forgets a file with all its versions', async () => {
    await add('iade.md', IADE)
    await add('iade.md', '# İade\nArtık 30 gün.')
    const remove = () => within((tx) => removeKnowledge(tx, { accountId, name: 'iade.md' }, acting()))
    await remove()
    expect(await find('iade')).toEqual([])
    expect(await within((tx) => listKnowledge(tx, accountId, owner))).toEqual([])
    await expect(remove()).rejects.toMatchObject({ kind: 'not_found' })
  })
})
