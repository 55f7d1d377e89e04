import type { PackageName } from '#contract/words.ts'
import { translatorsOf } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import {
  createPersonaFromPackage,
  findConversationOf,
  updatePersona,
  upsertInbound,
} from '#server/modules/conversations/index.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { findForSale } from './find-for-sale.ts'
import { hearWords } from './hear-words.ts'
import { openOrder } from './open-order.ts'
import type { ProductTerms } from './product.rules.ts'
import { setProduct, setSelling } from './set-product.ts'

export const translator = translatorsOf('bot')
export const owner: ActingPerson = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON }

let serial = 0
const next = () => (serial += 1)

export type SalesWorld = Awaited<ReturnType<typeof createSalesWorld>>

/** A tenant whose bot sells a book and a course by itself, and Ayşe, who has written to it. */
export const createSalesWorld = async (db: Db, options: { readonly package?: PackageName } = {}) => {
  const tenantId = await createTenant(db, { ...(options.package && { package: options.package }) })
  const accountId = await createAccount(db, tenantId)
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const catalogue = (
    items: readonly { readonly name: string; readonly priceMinor: number; readonly currency: string }[],
  ) =>
    within((tx) =>
      updatePersona(tx, { accountId, change: { menu: [], facts: { catalogue: items, faq: [], notes: [] } } }, owner),
    )
  await within((tx) =>
    createPersonaFromPackage(tx, { accountId, package: 'enterprise', locale: 'tr', displayName: 'Atölye' }, NOON),
  )
  await catalogue([
    { name: 'Kitap', priceMinor: 20_000, currency: 'TRY' },
    { name: 'Kurs', priceMinor: 90_000, currency: 'TRY' },
  ])
  const addPerson = async (firstName = 'Ayşe') => {
    const contactId = await createContact(db, tenantId, { accountId, firstName })
    return contactId
  }
  const contactId = await addPerson()
  const says = async (text: string, at = NOON, who = contactId) =>
    within(async (tx) => {
      const conversation = await upsertInbound(tx, { accountId, contactId: who, messageId: next(), at })
      return hearWords(tx, { conversation, text, cause: `update:${next()}`, translator, now: at })
    })
  const offers = () => within((tx) => findForSale(tx, accountId, NOON))
  const said = async (who = contactId) => {
    const rows = await within((tx) =>
      tx
        .selectFrom('delivery')
        .select(['content', 'message_class', 'source', 'dedupe_key'])
        .where('tenant_id', '=', tenantId)
        .where('contact_id', '=', who)
        .orderBy('id')
        .execute(),
    )
    return rows.map(({ content, message_class: messageClass, source, dedupe_key: key }) => {
      const kept = content as { text: string; buttons: { text: string; action?: string; url?: string }[][] }
      const plain = kept.text.replaceAll(/[\u2066-\u2069]/g, '').replaceAll('\u00A0', ' ')
      return { ...kept, text: plain, labels: kept.buttons.flat().map(({ text }) => text), messageClass, source, key }
    })
  }
  /** What pressing the button of a product does. */
  const buys = async (product: string, at = NOON, who = contactId, pressKey = `press:${next()}`) => {
    const { products } = await offers()
    const key = products.find(({ name }) => name === product)?.key ?? ''
    return within((tx) => openOrder(tx, { accountId, contactId: who, key, pressKey, translator, at }))
  }
  const ordered = async (product: string, at = NOON, who = contactId) => {
    const opened = await buys(product, at, who)
    if (opened.kind !== 'opened') throw new Error(opened.kind)
    return opened.order
  }
  return {
    db,
    tenantId,
    accountId,
    contactId,
    within,
    catalogue,
    addPerson,
    says,
    said,
    offers,
    buys,
    ordered,
    describe: (name: string, change: Partial<ProductTerms>, actor = owner) =>
      within((tx) => setProduct(tx, { accountId, name, change }, actor)),
    sells: (isOn = true, change: Parameters<typeof setSelling>[2] = {}, actor = owner) =>
      within((tx) => setSelling(tx, accountId, { sellsByItself: isOn, ...change }, actor)),
    conversation: () => within((tx) => findConversationOf(tx, accountId, contactId)),
  }
}
