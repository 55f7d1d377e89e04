import { beforeAll, describe, expect, it } from 'vitest'

import { MESSAGE_STYLES } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import {
  type TemplateInput,
  approveTemplate,
  archiveTemplate,
  createTemplate,
  findTemplate,
  getTemplate,
  lintTemplate,
  listTemplates,
  previewTemplate,
  seedTemplates,
  updateTemplate,
} from './index.ts'

let db: Db
let tenantId: number
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  tenantId = await createTenant(db)
})

const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
let serial = 0
const inputOf = (over: Partial<TemplateInput> = {}): TemplateInput => ({
  name: `Şablon ${(serial += 1)}`,
  messageClass: 'commercial',
  style: 'welcome',
  variants: [{ name: 'a', locale: 'tr', text: 'Merhaba {{first_name|dostum}} {{sender}} {{opt_out}}' }],
  ...over,
})

describe('createTemplate', () => {
  it('writes a draft with every default filled in and reads it back the same', async () => {
    const made = await run((tx) =>
      createTemplate(
        tx,
        inputOf({
          variants: [
            {
              name: 'b',
              locale: 'en',
              text: 'B',
              weight: 3,
              media: { kind: 'photo', source: 'https://example.com/a.jpg' },
            },
            { name: 'a', locale: 'tr', text: 'A', buttons: [[{ text: 'x', action: 'menu' }]] },
          ],
        }),
        NOON,
      ),
    )
    expect(made).toMatchObject({
      state: 'draft',
      messageClass: 'commercial',
      style: 'welcome',
      approvedAt: null,
      createdAt: NOON,
      variants: [
        { name: 'a', locale: 'tr', text: 'A', media: null, buttons: [[{ text: 'x', action: 'menu' }]], weight: 1 },
        {
          name: 'b',
          locale: 'en',
          text: 'B',
          media: { kind: 'photo', source: 'https://example.com/a.jpg' },
          buttons: [],
          weight: 3,
        },
      ],
    })
    expect(await run((tx) => getTemplate(tx, made.id))).toEqual(made)
  })

  it('refuses a second template of one name', async () => {
    const input = inputOf()
    await run((tx) => createTemplate(tx, input, NOON))
    await expect(run((tx) => createTemplate(tx, input, NOON))).rejects.toThrow('template_name_taken')
  })

  it.each<[string, string, unknown]>([
    ['template_name_empty', 'name', { name: '  ' }],
    ['text_too_long', 'name', { name: 'x'.repeat(101) }],
    ['unknown_word', 'messageClass', { messageClass: 'spam' }],
    ['unknown_word', 'style', { style: 'pushy' }],
    ['template_without_variant', 'variants', { variants: [] }],
    ['template_variant_name', 'variants[0].name', { variants: [{ name: 'A B', locale: 'tr', text: 'x' }] }],
    ['unknown_word', 'variants[0].locale', { variants: [{ name: 'a', locale: 'xx', text: 'x' }] }],
    ['text_broken_characters', 'variants[0].text', { variants: [{ name: 'a', locale: 'tr', text: 'a\u0000b' }] }],
    ['template_weight', 'variants[0].weight', { variants: [{ name: 'a', locale: 'tr', text: 'x', weight: 101 }] }],
    [
      'unknown_word',
      'variants[0].media.kind',
      { variants: [{ name: 'a', locale: 'tr', text: 'x', media: { kind: 'gif', source: 'y' } }] },
    ],
    [
      'template_buttons_shape',
      'variants[0].buttons',
      { variants: [{ name: 'a', locale: 'tr', text: 'x', buttons: {} }] },
    ],
    [
      'template_button_target',
      'variants[0].buttons[0][0]',
      { variants: [{ name: 'a', locale: 'tr', text: 'x', buttons: [[{ text: 'y' }]] }] },
    ],
    [
      'template_variant_twice',
      'variants[1]',
      {
        variants: [
          { name: 'a', locale: 'tr', text: 'x' },
          { name: 'a', locale: 'tr', text: 'y' },
        ],
      },
    ],
  ])('refuses bad input with %s, naming %s', async (code, field, over) => {
    const input = inputOf(over as Partial<TemplateInput>)
    await expect(run((tx) => createTemplate(tx, input, NOON))).rejects.toMatchObject({
      kind: 'invalid',
      code,
      params: { field },
    })
  })
})

describe('approveTemplate', () => {
  it('approves clean wording once and keeps the first instant', async () => {
    const { id } = await run((tx) => createTemplate(tx, inputOf(), NOON))
    expect(await run((tx) => approveTemplate(tx, id, NOON + 1))).toMatchObject({
      state: 'approved',
      approvedAt: NOON + 1,
    })
    expect(await run((tx) => approveTemplate(tx, id, NOON + 2))).toMatchObject({ approvedAt: NOON + 1 })
  })

  it('refuses wording with errors, naming finding, variant and field', async () => {
    const variants = [{ name: 'a', locale: 'tr' as const, text: '<b>{{sender}}' }]
    const { id } = await run((tx) => createTemplate(tx, inputOf({ variants }), NOON))
    await expect(run((tx) => approveTemplate(tx, id, NOON))).rejects.toMatchObject({
      code: 'template_lint',
      params: { field: 'text', finding: 'html_invalid', variant: 'a', locale: 'tr', errors: 1 },
    })
  })

  it('says not_found for a template of another tenant', async () => {
    const { id } = await run((tx) => createTemplate(tx, inputOf(), NOON))
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => approveTemplate(tx, id, NOON))).rejects.toThrow('not_found')
    expect(await inTenant(db, other, (tx) => findTemplate(tx, id))).toBeNull()
  })
})

describe('updateTemplate', () => {
  it('changes a draft in every way', async () => {
    const { id } = await run((tx) => createTemplate(tx, inputOf(), NOON))
    const input = inputOf({ messageClass: 'reply', style: null, variants: [{ name: 'z', locale: 'ar', text: 'س' }] })
    expect(await run((tx) => updateTemplate(tx, id, input))).toMatchObject({
      ...input,
      variants: [{ name: 'z', locale: 'ar' }],
    })
  })

  it('keeps the class of an approved template and takes only clean wording', async () => {
    const { id, name } = await run((tx) => createTemplate(tx, inputOf(), NOON))
    await run((tx) => approveTemplate(tx, id, NOON))
    const update = (over: Partial<TemplateInput>) => run((tx) => updateTemplate(tx, id, inputOf({ name, ...over })))
    await expect(update({ messageClass: 'transactional' })).rejects.toThrow('template_class_fixed')
    await expect(update({ variants: [{ name: 'a', locale: 'tr', text: 'no way out' }] })).rejects.toThrow(
      'template_lint',
    )
    expect(await update({ style: 'offer' })).toMatchObject({ state: 'approved', style: 'offer' })
  })

  it('leaves an archived template alone, and no two with one name', async () => {
    const first = await run((tx) => createTemplate(tx, inputOf(), NOON))
    const second = await run((tx) => createTemplate(tx, inputOf(), NOON))
    await expect(run((tx) => updateTemplate(tx, second.id, inputOf({ name: first.name })))).rejects.toThrow(
      'template_name_taken',
    )
    await run((tx) => archiveTemplate(tx, first.id, NOON))
    await expect(run((tx) => updateTemplate(tx, first.id, inputOf()))).rejects.toThrow('template_archived')
    await expect(run((tx) => approveTemplate(tx, first.id, NOON))).rejects.toThrow('template_archived')
  })
})

describe('seedTemplates', () => {
  it('gives a tenant an approved, clean template for each of the twelve styles, and only once', async () => {
    const tenant = await createTenant(db)
    expect(await inTenant(db, tenant, (tx) => seedTemplates(tx, NOON))).toBe(12)
    expect(await inTenant(db, tenant, (tx) => seedTemplates(tx, NOON))).toBe(0)
    const all = await inTenant(db, tenant, (tx) => listTemplates(tx, { state: 'approved', messageClass: 'commercial' }))
    expect(new Set(all.map((template) => template.style))).toEqual(new Set(MESSAGE_STYLES))
    for (const template of all) {
      expect(
        lintTemplate(template).map((f) => `${template.name} ${f.code} ${f.field} ${JSON.stringify(f.params)}`),
      ).toEqual([])
      expect(new Set(template.variants.map((v) => v.name)).size * 2).toBe(template.variants.length)
    }
  })
})

describe('listTemplates', () => {
  it('pages by id and narrows by style and state', async () => {
    const tenant = await createTenant(db)
    await inTenant(db, tenant, (tx) => seedTemplates(tx, NOON))
    const page = (afterId: number) => inTenant(db, tenant, (tx) => listTemplates(tx, { afterId, limit: 5 }))
    const ids: number[] = []
    for (let batch = await page(0); batch.length > 0; batch = await page(ids.at(-1) ?? 0))
      ids.push(...batch.map((t) => t.id))
    expect(ids).toHaveLength(12)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(await inTenant(db, tenant, (tx) => listTemplates(tx, { style: 'offer' }))).toHaveLength(1)
    expect(await inTenant(db, tenant, (tx) => listTemplates(tx, { state: 'draft' }))).toEqual([])
  })
})

describe('previewTemplate', () => {
  it('shows each arm to real contacts in their language and to somebody unknown', async () => {
    const tenant = await createTenant(db)
    const [template] = await inTenant(db, tenant, async (tx) => {
      await seedTemplates(tx, NOON)
      return listTemplates(tx, { style: 'appreciation' })
    })
    const contactId = await createContact(db, tenant, { firstName: 'Ali <3' })
    await db.updateTable('contact').set({ language_code: 'en' }).where('id', '=', contactId).execute()
    const preview = await inTenant(db, tenant, (tx) =>
      previewTemplate(tx, template?.id ?? 0, { contactIds: [contactId] }),
    )
    expect(preview.findings).toEqual([])
    expect(preview.samples.map((s) => [s.contactId, s.variant, s.locale])).toEqual([
      [contactId, 'a', 'en'],
      [contactId, 'b', 'en'],
      [null, 'a', 'tr'],
      [null, 'b', 'tr'],
    ])
    expect(preview.samples[0]?.message.text).toContain('Dear Ali &lt;3,')
    expect(preview.samples[2]?.message.text).toContain('Sevgili müşterimiz,')
  })
})
