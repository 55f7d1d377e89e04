import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { SECOND_MS } from '#server/base/duration.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { openTicket, recordFaults } from '#server/modules/admin/index.ts'
import { claimPayment, createPayment, getSubscription } from '#server/modules/billing/index.ts'
import { addOperator } from '#server/modules/tenancy/index.ts'
import { uploadDocument } from '#server/testing/files-worlds.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const OPERATOR = 660_001
/** A picture of one transparent pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const EVIDENCE = 'Dekont 4711 <b>bugün</b>'
const FIX = 'Yeniden <b>başlattım</b>'
const DESK: View = { locale: 'tr', width: 1280 }

describe.skipIf(CHROMIUM === null)(`the installation in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** An operator, a shop whose owner has reported a transfer and asked for help, and another shop. */
  const openInstallation = async () => {
    const scenario = await openScenario()
    const { db } = scenario.database
    const at = scenario.clock.now()
    await asOperator(db, 'test', (tx) =>
      addOperator(tx, { telegramId: OPERATOR, name: 'Deniz', role: 'operator' }, { by: 'test', at }),
    )
    const shop = await scenario.shop('yazlik', 'starter')
    await scenario.shop('kislik')
    const owner = await addMember(scenario, shop, 'owner')
    const { simulator, panelBotId } = scenario
    const panel = simulator.world.bots.get(panelBotId)
    simulator.control.openDialog({ userId: simulator.control.createUser({ id: owner }).id, botId: panelBotId })
    const place = { apiRoot: simulator.apiRoot, token: panel?.token ?? '' }
    const evidenceFileId = await uploadDocument(place, owner, PNG)
    const { reference } = await inTenant(db, shop.tenantId, async (tx) => {
      const price = { periodDays: 30, amountMinor: 99_900, currency: 'TRY' } as const
      const order = { package: 'enterprise', provider: 'transfer', ...price } as const
      const payment = await createPayment(tx, order, { by: `telegram:${owner}`, at })
      return claimPayment(tx, {
        reference: payment.reference,
        by: `telegram:${owner}`,
        evidenceText: EVIDENCE,
        evidenceFileId,
        at,
      })
    })
    const words = { telegramId: owner, tenantId: shop.tenantId, kind: 'support', text: 'Botum sustu' } as const
    const ticket = await asOperator(db, 'test', (tx) => openTicket(tx, { ...words, reference: 'test:1' }, at))
    return { scenario, shop, owner, reference, ticketId: ticket.id }
  }
  type Opened = Awaited<ReturnType<typeof openInstallation>>

  const t = textsOf('tr')
  const press = (page: Page, key: string) => page.getByRole('button', { name: t(key), exact: true }).click()
  /** Presses a button that asks first, says why where a reason is wanted, and confirms. */
  const decide = async (page: Page, act: string, reason: string | null) => {
    await press(page, `installation.${act}`)
    const question = page.getByRole('dialog')
    if (reason !== null) await question.getByRole('textbox').fill(reason)
    await question.getByRole('button', { name: t(`installation.${act}`), exact: true }).click()
    await question.waitFor({ state: 'detached' })
  }

  const approve = async (page: Page, { scenario, shop, reference }: Opened) => {
    await page.getByTestId('figure-payments').getByText('1', { exact: true }).waitFor()
    await page.getByRole('link', { name: t('installation.paymentsWaiting') }).click()
    await page.locator(`[data-payment="${reference}"]`).getByText(EVIDENCE).waitFor()
    await press(page, 'installation.showFile')
    const picture = page.getByRole('img', { name: t('installation.fileOf', { reference }) })
    await picture.waitFor()
    const shown = `document.querySelector('[data-evidence] img')`
    expect(await page.evaluate(`${shown}.decode().then(() => ${shown}.naturalWidth)`)).toBe(1)
    await decide(page, 'approve', null)
    await page.getByText(t('installation.noPayments')).waitFor()
    expect(await inTenant(scenario.database.db, shop.tenantId, getSubscription)).toMatchObject({
      package: 'enterprise',
    })
  }

  const suspend = async (page: Page, { scenario, shop, owner }: Opened) => {
    const member = await enterPanel(scenario, browser(), owner, DESK)
    await member.getByRole('heading', { name: t('screens.overview'), level: 1 }).waitFor()
    await page.getByRole('link', { name: t('screens.tenants') }).click()
    await page.getByRole('link', { name: 'yazlik mağazası' }).click()
    await decide(page, 'suspend', 'Şikâyet var')
    await page.locator('[data-state=suspended]').waitFor()
    const tenant = await scenario.database.db
      .selectFrom('tenant')
      .select('state')
      .where('id', '=', shop.tenantId)
      .executeTakeFirstOrThrow()
    expect(tenant.state).toBe('suspended')
    await member.reload()
    await member.getByText(t('frame.restsTitle', { name: 'yazlik mağazası' })).waitFor()
    await checkScreen(member, DESK, 'panel-suspended')
    await member.context().close()
    await decide(page, 'activate', 'Çözüldü')
    await page.locator('[data-state=active]').first().waitFor()
  }

  /** Gives a transfer back: whoever presses says that the money was sent by hand. */
  const refund = async (page: Page, { scenario, reference }: Opened) => {
    await page.goto(new URL('/app/installation/payments?which=all', page.url()).href)
    await decide(page, 'refund', null)
    await scenario.until('it is given back', async () => {
      const { state } = await scenario.database.db
        .selectFrom('payment')
        .select('state')
        .where('reference', '=', reference)
        .executeTakeFirstOrThrow()
      return state === 'refunded'
    })
  }

  /** Looks at the course of a fault, says what was done about it, and finds it among what ended. */
  const mend = async (page: Page, { scenario }: Opened) => {
    const { db } = scenario.database
    const fault = {
      cause: 'part:rehearsal:a',
      what: 'part',
      params: { part: 'rehearsal', detail: 'no way <out>' },
    } as const
    await asOperator(db, 'test', (tx) => recordFaults(tx, [fault], scenario.clock.now()))
    await page.getByRole('link', { name: t('screens.errors') }).click()
    const line = page.locator('[data-error="part:rehearsal:a"]')
    await line.getByText('no way <out>').waitFor()
    await line.getByRole('button', { name: t('installation.trend') }).click()
    await line.locator('figure svg').waitFor()
    await checkScreen(page, DESK, 'panel-errors-trend')
    await line.getByRole('button', { name: t('installation.resolve') }).click()
    const question = page.getByRole('dialog')
    await question.getByRole('textbox').fill(FIX)
    await question.getByRole('button', { name: t('installation.resolve'), exact: true }).click()
    await question.waitFor({ state: 'detached' })
    await page.getByText(t('installation.errors_ended'), { exact: true }).click()
    await page.locator('[data-error="part:rehearsal:a"][data-state=resolved]').getByText(FIX).waitFor()
    const kept = await db
      .selectFrom('fault_alert')
      .select(['closed_at', 'resolved_by', 'resolution_note'])
      .where('cause', '=', fault.cause)
      .executeTakeFirstOrThrow()
    expect(kept).toEqual({ closed_at: expect.any(Date), resolved_by: `operator:${OPERATOR}`, resolution_note: FIX })
  }

  /** Gives the authenticator's secret. */
  const enrol = async (page: Page, { scenario }: Opened): Promise<string> => {
    await page.getByRole('link', { name: t('screens.security') }).click()
    await press(page, 'security.begin')
    const secret = (await page.getByTestId('secret').textContent()) ?? ''
    await page.getByRole('img', { name: t('security.qr') }).waitFor()
    await checkScreen(page, DESK, 'panel-security-enrolment')
    await page.getByLabel(t('security.firstCode')).fill('000000')
    await press(page, 'security.turnOn')
    await page.getByText(/4 deneme kaldı/).waitFor()
    await page.getByLabel(t('security.firstCode')).fill(codeOf(secret, scenario.clock.now()))
    await press(page, 'security.turnOn')
    await page.getByText(t('security.onTitle')).waitFor()
    expect(await page.locator('[data-recovery-code]').count()).toBe(10)
    await checkScreen(page, DESK, 'panel-security-codes')
    return secret
  }

  const codeOf = (secret: string, at: number) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })

  /** Comes in by a link and a code. */
  const enterWithCode = async ({ scenario }: Opened, secret: string, view: View): Promise<Page> => {
    const page = await enterPanel(scenario, browser(), OPERATOR, view)
    const its = textsOf(view.locale)
    await page.getByRole('heading', { name: its('security.gate'), level: 1 }).waitFor()
    await checkScreen(page, view, 'panel-code')
    await scenario.clock.advance(30 * SECOND_MS)
    await page.getByLabel(its('security.code')).fill(codeOf(secret, scenario.clock.now()))
    await page.getByRole('button', { name: its('security.enter'), exact: true }).click()
    await page.getByRole('heading', { name: its('screens.installation'), level: 1 }).waitFor()
    return page
  }

  /** The overview in every view; the others in Turkish on a desk and in Arabic on a phone: there are many. */
  const lookAround = async (opened: Opened, secret: string, view: View) => {
    const its = textsOf(view.locale)
    const page = await enterWithCode(opened, secret, view)
    await page.getByTestId('figure-mrr').waitFor()
    await checkScreen(page, view, 'panel-installation')
    if ((view.locale === 'ar') === view.width > 600) {
      await page.context().close()
      return
    }
    const go = async (path: string, shown: string, name: string) => {
      await page.goto(new URL(path, page.url()).href)
      await page.getByRole('main').getByText(shown).first().waitFor()
      await checkScreen(page, view, name)
    }
    const root = '/app/installation'
    await go(`${root}/tenants`, 'kislik mağazası', 'panel-tenants')
    await go(`${root}/tenants/${opened.shop.tenantId}`, its('installation.usage'), 'panel-tenant')
    await page.goto(new URL(`${root}/payments?which=all`, page.url()).href)
    await page.getByRole('button', { name: its('installation.showFile') }).click()
    await page.locator('[data-evidence="image/png"]').waitFor()
    await checkScreen(page, view, 'panel-payments')
    await page.goto(new URL(`${root}/errors?which=all`, page.url()).href)
    await page.locator('figure svg').waitFor()
    await page.getByText(FIX).waitFor()
    await checkScreen(page, view, 'panel-errors')
    await go(`${root}/audit`, 'tenant.suspended', 'panel-audit')
    await go(`${root}/tickets`, 'Botum sustu', 'panel-tickets')
    await go(`${root}/tickets/${opened.ticketId}`, its('installation.answer'), 'panel-ticket')
    await go('/app/security', its('security.onTitle'), 'panel-security')
    await page.context().close()
  }

  it('lets an operator believe a payment, let a tenant rest, and come in with a code', async () => {
    const opened = await openInstallation()
    const page = await enterPanel(opened.scenario, browser(), OPERATOR, DESK)
    await page.getByRole('heading', { name: t('screens.installation'), level: 1 }).waitFor()
    await approve(page, opened)
    await suspend(page, opened)
    await mend(page, opened)
    await refund(page, opened)
    const secret = await enrol(page, opened)
    await page.context().close()
    for (const view of VIEWS) await lookAround(opened, secret, view)
    const lines = await opened.scenario.database.db
      .selectFrom('audit_log')
      .select('action')
      .where('actor', '=', `operator:${OPERATOR}`)
      .orderBy('id')
      .execute()
    const done = [
      'payment.approve',
      'tenant.suspended',
      'tenant.activated',
      'fault.resolved',
      'payment.refund',
      'second_factor.enrolled',
    ]
    expect(lines.map(({ action }) => action)).toEqual(done)
  })
})
