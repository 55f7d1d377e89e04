import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { createCampaign } from '#server/modules/campaigns/index.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { ownerAt } from '#server/testing/factories.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const VIEW: View = { locale: 'tr', width: 1280 }
const END = '{{sender}} {{opt_out}}'

describe.skipIf(CHROMIUM === null)(`cloning the winner${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** A shop with two campaigns that are over: of one a wording won, of the other none. */
  const openShop = async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('yarisma')
    const owner = await addMember(scenario, shop, 'owner')
    const contactId = await shop.contactOf(await shop.subscriber('Ayşe 🌸'))
    const at = scenario.clock.now()
    const { accountId } = await shop.within((tx) =>
      tx.selectFrom('contact_account').select('account_id as accountId').executeTakeFirstOrThrow(),
    )
    /** Twenty messages of each wording; so many of the second one were answered. */
    const hold = (name: string, answers: number) =>
      shop.within(async (tx) => {
        const variants = [
          { name: 'a', locale: 'tr', text: `Eski söz ${END}` },
          { name: 'b', locale: 'tr', text: `Yeni söz ${END}` },
        ] as const
        const template = await createTemplate(tx, { name, messageClass: 'commercial', variants }, at)
        await approveTemplate(tx, template.id, at)
        const steps = [{ templateId: template.id, afterHours: 0 }]
        const { id } = await createCampaign(tx, { name, kind: 'broadcast', accountId, steps }, ownerAt(at))
        const now = new Date(at)
        await tx
          .updateTable('campaign')
          .set({ state: 'completed', started_at: now, planned_at: now, completed_at: now })
          .where('id', '=', id)
          .execute()
        await sql`insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, campaign_id,
            campaign_step, template_id, variant, arm, propensity, is_outreach, state, priority, due_at, dedupe_key, planned_at,
            reserved_at, finished_at, telegram_message_id, responded_at)
          select ${shop.tenantId}, ${accountId}, ${contactId}, 1, 'campaign', 'commercial', ${id}::bigint, 0, ${template.id}::bigint,
            v.variant, ${template.id}::bigint || ':' || v.variant, 0.5, false, 'sent', 5, ${now}::timestamptz,
            ${name} || v.variant || n, ${now}::timestamptz, ${now}::timestamptz, ${now}::timestamptz, n,
            case when v.variant = 'b' and n <= ${answers} then ${now}::timestamptz end
          from (values ('a'), ('b')) v(variant), generate_series(1, 20) n`.execute(tx)
        return id
      })
    return { scenario, shop, owner, won: await hold('yaz', 15), open: await hold('kış', 1) }
  }

  it('makes another campaign with nothing but the wording that won, and with all of them where none did', async () => {
    const { scenario, shop, owner, won, open } = await openShop()
    const t = textsOf('tr')
    const page = await enterPanel(scenario, browser(), owner, VIEW)
    const go = (path: string) => page.goto(new URL(`/app/${path}`, page.url()).href)
    await go(`campaigns/${open}`)
    await page.getByText(t('campaigns.noWinner')).waitFor()
    await page.getByRole('link', { name: t('campaigns.cloneAll') }).click()
    await page.getByText(t('wizard.title.audience')).waitFor()
    await go(`campaigns/${won}`)
    await page.getByText(t('campaigns.winner', { name: 'B' })).waitFor()
    await page.getByRole('button', { name: t('campaigns.cloneWinner') }).click()
    await page.getByText(t('wizard.title.message')).waitFor()
    await page.getByText('Yeni söz').waitFor()
    expect(await page.getByText('Eski söz').count()).toBe(0)
    for (const step of ['schedule', 'limits', 'review']) {
      await page.getByRole('button', { name: t('wizard.next'), exact: true }).click()
      await page.getByText(t(`wizard.title.${step}`)).waitFor()
    }
    await page.getByRole('button', { name: t('wizard.saveDraft') }).click()
    await page.locator('[data-state=draft]').waitFor()
    const drafts = await shop.within((tx) =>
      tx.selectFrom('campaign').selectAll().where('state', '=', 'draft').execute(),
    )
    const made = await shop.within((tx) =>
      tx.selectFrom('template').select('id').where('name', '=', 'yaz · b').executeTakeFirstOrThrow(),
    )
    expect(drafts.map(({ name, steps }) => [name, steps])).toEqual([
      [t('wizard.copyOf', { name: 'yaz' }), [{ templateId: made.id, afterHours: 0 }]],
    ])
    await page.context().close()
    for (const view of VIEWS) {
      const look = await enterPanel(scenario, browser(), owner, view)
      await look.goto(new URL(`/app/campaigns/${won}`, look.url()).href)
      await look.getByRole('button', { name: textsOf(view.locale)('campaigns.cloneWinner') }).waitFor()
      await checkScreen(look, view, 'panel-clone-winner')
      await look.context().close()
    }
  })
})
