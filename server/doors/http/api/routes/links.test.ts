import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { applyBusinessConnection, listAccounts, openAccount } from '#server/modules/accounts/index.ts'
import { activatePaidPackage } from '#server/modules/billing/index.ts'
import { choosePackage, openOnboarding, viewOnboarding } from '#server/modules/onboarding/index.ts'
import { getPageLink, listAudit, setTenantState } from '#server/modules/tenancy/index.ts'
import { openOnboardingDeps } from '#server/open-onboarding.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const telegram = createFakeTelegram({ clock })
const box = secretBox(Buffer.alloc(32, 5))
const accounts = { db, box, feed: telegram.updateFeed, publicUrl: null }
const payments = { db, providers: new Map(), sellerAccountId: null, activate: activatePaidPackage }
const onboarding = openOnboardingDeps({ db, payments, accounts, log: silentLogger, publicUrl: null })
const { addMember, signIn, callAs } = openTestApi(db, clock, {
  box,
  onboarding,
  linking: { apiRoot: 'http://telegram.test', hasOwnAccounts: true },
})

interface Answer {
  readonly status: number
  readonly id?: number
  readonly code?: string
  readonly detail?: string
  readonly field?: string
  readonly path?: string
  readonly own?: boolean
  readonly businessBots?: readonly string[]
  readonly waiting?: readonly { readonly viaAccountId: number; readonly ownerTelegramId: number }[]
}

let serial = 0

/** A bot that this Telegram knows. */
const makeBot = () => {
  serial += 1
  const telegramId = 6_100_000_000 + serial
  const token = `${telegramId}:${'A'.repeat(35)}`
  telegram.updateFeed.addBot(token, {
    telegramId,
    displayName: `Dükkân ${serial}`,
    username: `dukkan_${serial}_bot`,
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: true,
  })
  return { token, telegramId }
}

const openShop = async (packageName: 'custom' | 'trial' = 'custom') => {
  const tenantId = await createTenant(db, { package: packageName })
  const owner = await addMember<Answer>(tenantId, 'owner')
  return { tenantId, owner, link: (token: string) => owner.call('POST', 'links/bots', { token }) }
}

const accountsOf = (tenantId: number) => inTenant(db, tenantId, listAccounts)

describe('a bot', () => {
  it('is linked by its token, which is kept sealed and told to nobody', async () => {
    const { tenantId, owner, link } = await openShop()
    const { token, telegramId } = makeBot()
    const linked = await link(`  ${token}\n`)
    expect(linked).toMatchObject({ status: 200, displayName: `Dükkân ${serial}`, username: `dukkan_${serial}_bot` })
    expect(JSON.stringify(linked)).not.toContain(token)
    const [account] = await accountsOf(tenantId)
    expect(account).toMatchObject({ telegramId, linkedBy: 'token', ownerTelegramId: owner.telegramId })
    const opened = await openAccount(accounts, account?.id ?? 0)
    expect(opened).toMatchObject({ token, apiRoot: 'http://telegram.test' })
    const row = await db
      .selectFrom('account')
      .select('token_sealed')
      .where('id', '=', linked.id ?? 0)
      .executeTakeFirst()
    expect(row?.token_sealed?.includes(Buffer.from(token))).toBe(false)
    const [line] = await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 1))
    expect(line).toMatchObject({ action: 'account.linked', actor: `member:${owner.id}` })
  })

  it('is refused in words that name the field: no token, a dead one, a bot that is linked', async () => {
    const { link, tenantId } = await openShop()
    expect(await link('merhaba')).toMatchObject({ status: 400, code: 'bot_token_format', field: 'token' })
    const dead = await link(`6999999999:${'B'.repeat(35)}`)
    expect(dead).toMatchObject({ status: 400, code: 'bot_token_refused', field: 'token' })
    expect(dead.detail).not.toContain('BBBB')
    const { token } = makeBot()
    expect((await link(token)).status).toBe(200)
    expect(await link(token)).toMatchObject({ status: 409, code: 'account_already_linked', field: 'token' })
    const other = await openShop()
    expect(await other.link(token)).toMatchObject({ status: 409, code: 'account_linked_elsewhere', field: 'token' })
    expect([(await accountsOf(tenantId)).length, (await accountsOf(other.tenantId)).length]).toEqual([1, 0])
  })

  it('needs room in the package, a business that is not suspended, and somebody who may', async () => {
    const { tenantId, link } = await openShop('trial')
    expect((await link(makeBot().token)).status).toBe(200)
    expect(await link(makeBot().token)).toMatchObject({ status: 403, code: 'accounts' })
    const agent = await addMember<Answer>(tenantId, 'agent')
    expect(await agent.call('POST', 'links/bots', { token: makeBot().token })).toMatchObject({ code: 'not_allowed' })
    const actor = { by: 'test', at: NOON }
    await asOperator(db, 'test', (tx) => setTenantState(tx, tenantId, { state: 'suspended', reason: 'x' }, actor))
    expect(await link(makeBot().token)).toMatchObject({ status: 403, code: 'tenant_suspended' })
    expect(await accountsOf(tenantId)).toHaveLength(1)
  })

  it('counts a try of a newcomer, as in the panel’s bot', async () => {
    const telegramId = 55_000 + process.pid
    const newcomer = { telegramId, name: 'Ayşe', locale: 'tr', surface: 'web' } as const
    const { id: onboardingId } = await openOnboarding(onboarding, newcomer, NOON)
    const step = { onboardingId, telegramId, surface: 'web' } as const
    await choosePackage(onboarding, { ...step, package: 'trial' }, NOON)
    const call = callAs<Answer>(await signIn(telegramId))
    expect((await call('POST', 'links/bots', { token: 'yanlış' })).status).toBe(400)
    expect((await viewOnboarding(onboarding, step)).attemptsLeft.links).toBe(9)
  })
})

describe('a business connection', () => {
  it('that waits at a bot of the tenant is shown to it alone, and taken once', async () => {
    const { tenantId, owner } = await openShop()
    const viaAccountId = await createAccount(db, tenantId)
    const ownerTelegramId = 66_000 + process.pid
    await applyBusinessConnection(
      { db, box },
      {
        viaAccountId,
        updateId: 5,
        connection: {
          connectionId: 'c-1',
          ownerTelegramId,
          userChatId: ownerTelegramId,
          displayName: 'Deniz Kaya',
          username: null,
          rights: ['can_reply'],
          isEnabled: true,
        },
      },
      NOON,
    )
    const ways = await owner.call('GET', 'links')
    expect(ways).toMatchObject({
      own: true,
      waiting: [{ viaAccountId, ownerTelegramId, ownerName: 'Deniz Kaya', username: null }],
    })
    expect(ways.businessBots).toHaveLength(1)
    const stranger = await openShop()
    expect(await stranger.owner.call('GET', 'links')).toMatchObject({ waiting: [], businessBots: [] })
    const wanted = { viaAccountId, ownerTelegramId }
    expect(await stranger.owner.call('POST', 'links/business', wanted)).toMatchObject({ status: 404 })
    expect(await owner.call('POST', 'links/business', wanted)).toMatchObject({ status: 200, displayName: 'Deniz Kaya' })
    expect(await owner.call('GET', 'links')).toMatchObject({ waiting: [] })
    expect(await owner.call('POST', 'links/business', {})).toMatchObject({ status: 400, field: 'viaAccountId' })
  })
})

describe('an own account', () => {
  it('is linked on a page that a link opens for this member and this tenant', async () => {
    const { tenantId, owner } = await openShop()
    const { status, path } = await owner.call('POST', 'links/own')
    expect(status).toBe(200)
    const link = await getPageLink(db, path?.split('/').at(-1) ?? '', NOON)
    expect(link).toMatchObject({ purpose: 'login', telegramId: owner.telegramId, tenantId, onboardingId: null })
  })

  it('is nobody’s who came in by the console, and asks for the settings', async () => {
    const { tenantId, owner } = await openShop()
    const { slug } = await db.selectFrom('tenant').select('slug').where('id', '=', tenantId).executeTakeFirstOrThrow()
    const bare = openTestApi(db, clock, { consoleTenantSlug: slug })
    expect(await bare.callAs<Answer>(owner.cookie)('POST', 'links/own')).toMatchObject({ code: 'user_accounts_off' })
    expect(await owner.call('GET', 'links')).toMatchObject({ own: true })
    const console = bare.callAs<Answer>(await bare.signIn(null))
    expect(await console('POST', `links/own?tenant=${slug}`)).toMatchObject({ status: 409, code: 'start_person' })
  })
})
