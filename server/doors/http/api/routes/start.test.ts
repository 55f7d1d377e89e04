import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTransferProvider } from '#server/gateways/payments/adapters/transfer.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { activatePaidPackage } from '#server/modules/billing/index.ts'
import { choosePaymentWay, claimOnboardingPayment, findOpenOnboarding } from '#server/modules/onboarding/index.ts'
import { getPageLink, recordAudit } from '#server/modules/tenancy/index.ts'
import { openOnboardingDeps } from '#server/open-onboarding.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const box = secretBox(Buffer.alloc(32, 5))
const accounts = { db, box, feed: createFakeTelegram({ clock }).updateFeed, publicUrl: null }
const transfer = createTransferProvider({ iban: 'TR330006100519786457841326', holder: 'Gavatcore', papara: null })
const payments = {
  db,
  providers: new Map([['transfer', transfer] as const]),
  sellerAccountId: null,
  activate: activatePaidPackage,
}
const onboarding = openOnboardingDeps({ db, payments, accounts, log: silentLogger, publicUrl: 'https://crm.example' })
const { addMember, signIn, callAs } = openTestApi(db, clock, { box, onboarding, payments })

interface Answer {
  readonly status: number
  readonly code?: string
  readonly field?: string
  readonly path?: string
  readonly tenantId?: number
  readonly done?: number
  readonly total?: number
  readonly steps?: readonly { readonly step: string; readonly state: string }[]
  readonly offers?: readonly { readonly package: string; readonly priceMinor: number }[]
}

/** The states of the steps, in their order. */
const states = ({ steps }: Answer): string => steps?.map(({ state }) => state).join(' ') ?? ''

let serial = 0
const newcomer = async () => {
  serial += 1
  const telegramId = 71_000 + serial
  return { telegramId, call: callAs<Answer>(await signIn(telegramId)) }
}

describe('the set-up of a business', () => {
  it('shows each step as it is in the database, and is complete with the last', async () => {
    const tenantId = await createTenant(db)
    const { call, telegramId } = await addMember<Answer>(tenantId, 'owner')
    const look = () => call('GET', 'start')
    expect(await look()).toMatchObject({ done: 2, total: 5, isComplete: false, botUsername: null })
    expect(states(await look())).toBe('done done open open open')
    const accountId = await createAccount(db, tenantId)
    expect(states(await look())).toBe('done done done open open')
    expect(await look()).toMatchObject({ botUsername: expect.stringMatching(/^deneme_/) })
    const contactId = await createContact(db, tenantId, { accountId, firstName: 'Ayşe' })
    expect(states(await look())).toBe('done done done open open')
    await db
      .insertInto('segment_assignment')
      .values({
        tenant_id: tenantId,
        contact_id: contactId,
        new_user: 80,
        new_user_since: toDate(NOON),
        rule_revision: 1,
        inputs: sql`'{}'`,
        assessed_at: toDate(NOON),
      })
      .execute()
    expect(states(await look())).toBe('done done done done open')
    await inTenant(db, tenantId, (tx) =>
      recordAudit(tx, { tenantId, actor: `telegram:${telegramId}`, action: 'template.tested', at: NOON }),
    )
    expect(await look()).toMatchObject({ done: 5, isComplete: true })
    await db.updateTable('account').set({ state: 'disconnected' }).where('id', '=', accountId).execute()
    expect(states(await look())).toBe('done done open done done')
  })

  it('is that of one tenant alone', async () => {
    const [mine, theirs] = [await createTenant(db), await createTenant(db)]
    await createAccount(db, theirs)
    const { call } = await addMember<Answer>(mine, 'analyst')
    expect(states(await call('GET', 'start'))).toBe('done done open open open')
    expect(await call('GET', `start?tenant=${theirs}`)).toMatchObject({ status: 404 })
  })
})

describe('a newcomer', () => {
  it('begins with the trial and has a business that works at once', async () => {
    const { call } = await newcomer()
    const before = await call('GET', 'start/newcomer')
    expect(before).toMatchObject({ open: null, panelBot: null })
    expect(before.offers?.[0]).toMatchObject({ package: 'trial', priceMinor: 0 })
    const begun = await call('POST', 'start/newcomer', { package: 'trial', name: ' Yıldız Kuaför ' })
    expect(begun).toMatchObject({ status: 200, state: 'account_connecting', package: 'trial' })
    expect(await call('GET', 'session')).toMatchObject({
      tenants: [{ id: begun.tenantId, name: 'Yıldız Kuaför', role: 'owner', isSuspended: false }],
    })
    expect(await call('GET', 'start')).toMatchObject({ package: 'trial', done: 2 })
    expect(await call('POST', 'start/newcomer', { package: 'trial' })).toMatchObject({ tenantId: begun.tenantId })
  })

  it('who chooses what costs money waits for a payment, pays on our page, and sees that it is looked at', async () => {
    const { call, telegramId } = await newcomer()
    expect(await call('POST', 'start/newcomer/pay-page')).toMatchObject({ status: 409, code: 'start_nothing_to_pay' })
    const begun = await call('POST', 'start/newcomer', { package: 'starter', name: 'Pastane' })
    expect(begun).toMatchObject({ status: 200, state: 'package_selected' })
    expect(await call('GET', 'session')).toMatchObject({ tenants: [{ isSuspended: true }] })
    expect(states(await call('GET', 'start'))).toBe('done open open open open')
    const { path } = await call('POST', 'start/newcomer/pay-page')
    const link = await getPageLink(db, path?.split('/').at(-1) ?? '', NOON)
    const open = await findOpenOnboarding(onboarding, { telegramId })
    expect(link).toMatchObject({ purpose: 'pay', telegramId, tenantId: begun.tenantId, onboardingId: open?.id })
    const step = { onboardingId: open?.id ?? 0, telegramId, surface: 'web' } as const
    await choosePaymentWay(onboarding, { ...step, provider: 'transfer' }, NOON)
    await claimOnboardingPayment(onboarding, { ...step, evidenceText: 'dekont' }, NOON)
    expect(states(await call('GET', 'start'))).toBe('done waiting open open open')
    expect(await call('POST', 'start/newcomer', { package: 'trial' })).toMatchObject({ status: 409 })
  })

  it('is nobody who has a business or only the console, and chooses what is sold', async () => {
    const tenantId = await createTenant(db)
    const { call } = await addMember<Answer>(tenantId, 'agent')
    expect(await call('GET', 'start/newcomer')).toMatchObject({ offers: [] })
    const again = await call('POST', 'start/newcomer', { package: 'trial', name: 'x' })
    expect(again).toMatchObject({ status: 409, code: 'start_has_business' })
    const console = callAs<Answer>(await signIn(null))
    expect(await console('POST', 'start/newcomer', { package: 'trial' })).toMatchObject({ code: 'start_person' })
    const fresh = await newcomer()
    expect(await fresh.call('POST', 'start/newcomer', { package: 'bedava' })).toMatchObject({ field: 'package' })
    expect((await fresh.call('POST', 'start/newcomer', { package: 'custom', name: 'x' })).status).toBe(400)
  })
})

describe('the ways in', () => {
  it('are told to anybody, as the installation has them', async () => {
    const stranger = callAs<{ readonly telegram?: boolean; readonly panelBot?: string | null }>('')
    expect(await stranger('GET', 'session/ways')).toEqual({ status: 200, telegram: false, panelBot: null })
    const tenantId = await createTenant(db)
    const panelId = await createAccount(db, tenantId)
    await db
      .updateTable('account')
      .set({ purpose: 'panel', username: 'gavatcore_panel_bot' })
      .where('id', '=', panelId)
      .execute()
    const configured = openTestApi(db, clock, { hasTelegramSignIn: true }).callAs<object>('')
    const ways = { status: 200, telegram: true, panelBot: 'gavatcore_panel_bot' }
    expect(await configured('GET', 'session/ways')).toEqual(ways)
  })
})
