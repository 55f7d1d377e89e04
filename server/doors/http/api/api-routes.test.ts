import { beforeAll, describe, expect, it } from 'vitest'

import { OPERATOR_ACTIONS, TENANT_ACTIONS, type TenantAction } from '#contract/actions.ts'
import { api } from '#contract/api.ts'
import type { Route } from '#contract/route.ts'
import { MEMBER_ROLES, type MemberRole } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import {
  KEY_SCOPES,
  addOperator,
  can,
  createApiKey,
  createSignInLink,
  openWebSession,
  setTenantState,
} from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant, ownerAt } from '#server/testing/factories.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)
const clock = new ManualClock(NOON)
const { app, signIn } = openTestApi(db, clock)
const ROUTES = Object.entries(api).flatMap(([room, routes]) =>
  Object.entries(routes as Readonly<Record<string, Route>>).map(([name, route]) => ({
    name: `${room}.${name}`,
    route,
  })),
)
/** The one route that answers whoever asks: what its answer holds is told to everybody. */
const TELLS_ALL = 'sessions.ways'
const isTenantAction = (access: string): access is TenantAction =>
  (TENANT_ACTIONS as readonly string[]).includes(access)
const TENANT_ROUTES = ROUTES.filter(({ route }) => isTenantAction(route.access))

const PERSON = Object.fromEntries(MEMBER_ROLES.map((role, i) => [role, 8_000 + i])) as Record<MemberRole, number>
const OPERATOR = 8_900
const SUPPORT = 8_901
const STRANGER = 8_902
let tenantId: number
let otherId: number

const addMember = (telegramId: number, role: MemberRole) =>
  db
    .insertInto('member')
    .values({
      tenant_id: tenantId,
      telegram_id: telegramId,
      role,
      name: `Üye ${telegramId}`,
      invited_by: 'test',
      joined_at: new Date(NOON),
    })
    .execute()

beforeAll(async () => {
  tenantId = await createTenant(db)
  otherId = await createTenant(db)
  for (const role of MEMBER_ROLES) await addMember(PERSON[role], role)
  await asOperator(db, 'test', async (tx) => {
    const actor = { by: 'test', at: NOON }
    await addOperator(tx, { telegramId: OPERATOR, name: 'Deniz', role: 'operator' }, actor)
    await addOperator(tx, { telegramId: SUPPORT, name: 'Ece', role: 'support' }, actor)
  })
})

interface As {
  readonly person?: number | null
  readonly key?: string
  readonly tenant?: number | string
  /** Whether a page of ours says it calls. */
  readonly isOwn?: boolean
  readonly query?: string
  readonly language?: string
}

/** There are more routes than one session, or one address, may call within a minute. */
const CALLS_AS_ONE = 200
const cookies = new Map<number | null, { readonly cookie: string; uses: number }>()
const cookieOf = async (telegramId: number | null): Promise<string> => {
  const known = cookies.get(telegramId)
  const held = known && known.uses < CALLS_AS_ONE ? known : { cookie: await signIn(telegramId), uses: 0 }
  held.uses += 1
  cookies.set(telegramId, held)
  return held.cookie
}
let calls = 0
const nextAddress = (): string => `198.18.0.${1 + Math.floor((calls += 1) / CALLS_AS_ONE)}`

const call = async ({ method, path }: Pick<Route, 'method' | 'path'>, as: As = {}) =>
  app.inject({
    method,
    url: `${path.replaceAll(/:\w+/g, '999999')}${as.query ?? ''}`,
    remoteAddress: nextAddress(),
    headers: {
      ...(as.person !== undefined && { cookie: await cookieOf(as.person) }),
      ...(as.key !== undefined && { authorization: `Bearer ${as.key}` }),
      ...(as.isOwn !== false && { 'x-requested-with': 'gavatcore' }),
      ...(as.tenant !== undefined && { 'x-tenant': String(as.tenant) }),
      ...(as.language !== undefined && { 'accept-language': as.language }),
    },
  })
const problemOf = async (answer: ReturnType<typeof call>) => {
  const { statusCode, body } = await answer
  return { status: statusCode, ...(JSON.parse(body) as { code?: string; detail?: string; field?: string }) }
}

describe('every route', () => {
  it.each(ROUTES.filter(({ route }) => route.access !== 'public'))('$name turns a stranger away', async ({ route }) => {
    for (const as of [{}, { key: 'gvt_live_aaaaaaaa_' + 'A'.repeat(43) }, { key: 'nonsense' }])
      expect((await call(route, { ...as, tenant: tenantId })).statusCode).toBe(401)
  })

  it.each(TENANT_ROUTES)('$name does not know the tenant of somebody else', async ({ route }) => {
    expect(await problemOf(call(route, { person: PERSON.owner, tenant: otherId }))).toMatchObject({ status: 404 })
    expect(await problemOf(call(route, { person: STRANGER, tenant: tenantId }))).toMatchObject({ status: 404 })
    expect(await problemOf(call(route, { person: STRANGER }))).toMatchObject({ status: 403, code: 'no_tenant' })
  })

  it.each(TENANT_ROUTES)('$name lets in the roles that may, and no other', async ({ route }) => {
    const action = route.access as TenantAction
    for (const role of MEMBER_ROLES) {
      const { status, code } = await problemOf(call(route, { person: PERSON[role], tenant: tenantId }))
      const isLetIn = !(status === 403 && code === 'not_allowed') && status !== 401
      expect([role, isLetIn]).toEqual([role, can({ kind: 'member', role }, action)])
    }
    for (const [person, role] of [
      [OPERATOR, 'operator'],
      [SUPPORT, 'support'],
    ] as const) {
      const { status, code } = await problemOf(call(route, { person, tenant: tenantId }))
      expect([role, !(status === 403 && code === 'not_allowed')]).toEqual([
        role,
        can({ kind: 'operator', role }, action),
      ])
    }
  })

  it.each(TENANT_ROUTES)('$name obeys the scopes of a key', async ({ route }) => {
    const action = route.access as TenantAction
    const actor = ownerAt(NOON)
    const others = KEY_SCOPES.filter((scope) => scope !== action)
    const { key } = await inTenant(db, tenantId, (tx) => createApiKey(tx, { name: 'others', scopes: others }, actor))
    expect((await call(route, { key })).statusCode).toBe(403)
    if (!KEY_SCOPES.includes(action)) return
    const own = await inTenant(db, tenantId, (tx) => createApiKey(tx, { name: 'own', scopes: [action] }, actor))
    expect([401, 403]).not.toContain((await call(route, { key: own.key })).statusCode)
    expect((await call(route, { key: own.key, tenant: otherId })).statusCode).toBe(404)
  })

  it.each(ROUTES.filter(({ route }) => (OPERATOR_ACTIONS as readonly string[]).includes(route.access)))(
    '$name is for those who run the installation',
    async ({ route }) => {
      for (const role of MEMBER_ROLES)
        expect((await call(route, { person: PERSON[role], tenant: tenantId })).statusCode).toBe(403)
    },
  )

  it('sessions.ways tells anybody how people come in, and nothing else', async () => {
    expect((await call(api.sessions.ways, { key: 'nonsense' })).statusCode).toBe(401)
    for (const as of [{}, { person: STRANGER }, { person: PERSON.owner }]) {
      const answer = await call(api.sessions.ways, as)
      expect(answer.statusCode).toBe(200)
      expect(Object.keys(JSON.parse(answer.body) as object).toSorted()).toEqual(['panelBot', 'telegram'])
      expect(answer.headers).not.toHaveProperty('set-cookie')
    }
  })

  it.each(ROUTES.filter(({ name, route }) => route.access === 'public' && name !== TELLS_ALL))(
    '$name gives a stranger nothing',
    async ({ route }) => {
      for (const as of [{}, { person: STRANGER }, { key: 'nonsense' }]) {
        const answer = await call(route, as)
        expect(answer.statusCode).toBeGreaterThanOrEqual(400)
        expect(answer.statusCode).toBeLessThan(500)
        expect(answer.headers).not.toHaveProperty('set-cookie')
      }
    },
  )

  // Nothing of whoever asks is used there, so another site has nothing to use.
  it.each(ROUTES.filter(({ route }) => route.method !== 'GET' && route.access !== 'public'))(
    '$name is not obeyed when the page of another site calls it',
    async ({ route }) => {
      expect((await call(route, { person: PERSON.owner, tenant: tenantId, isOwn: false })).statusCode).toBe(401)
    },
  )

  it.each(TENANT_ROUTES.filter(({ route }) => route.method !== 'GET'))(
    '$name changes nothing of a suspended tenant',
    async ({ route }) => {
      if (/^(?:billing|support)[.]/.test(route.access)) return
      await asOperator(db, 'test', (tx) =>
        setTenantState(tx, tenantId, { state: 'suspended', reason: 'test' }, ownerAt(NOON)),
      )
      try {
        const problem = await problemOf(call(route, { person: PERSON.owner, tenant: tenantId }))
        expect(problem).toMatchObject({ status: 403, code: 'tenant_suspended' })
      } finally {
        await asOperator(db, 'test', (tx) =>
          setTenantState(tx, tenantId, { state: 'active', reason: 'test' }, ownerAt(NOON)),
        )
      }
    },
  )
})

describe('sessions', () => {
  it('tell who is signed in, and what they may do', async () => {
    const { body } = await call(api.sessions.get, { person: PERSON.agent })
    expect(JSON.parse(body)).toMatchObject({
      name: `Üye ${PERSON.agent}`,
      operatorActions: [],
      tenants: [{ id: tenantId, role: 'agent', isSuspended: false }],
    })
    const operator = JSON.parse((await call(api.sessions.get, { person: OPERATOR })).body) as {
      tenants: { id: number; role: null }[]
      operatorActions: string[]
    }
    expect(operator.tenants.map(({ id, role }) => [id, role])).toEqual([
      [tenantId, null],
      [otherId, null],
    ])
    expect(operator.operatorActions).toContain('payments.decide')
  })

  it('end on one device and go on on another, and only for their own person', async () => {
    const [phone, desk] = [await signIn(8_960), await signIn(8_960)]
    const as = (cookie: string, method: 'GET' | 'DELETE', url: string) =>
      app.inject({ method, url, headers: { cookie, 'x-requested-with': 'gavatcore' } })
    const devices = JSON.parse((await as(desk, 'GET', '/api/v1/session/devices')).body) as {
      items: { id: number; isThisOne: boolean }[]
    }
    const other = devices.items.find(({ isThisOne }) => !isThisOne)
    const foreign = await as(await cookieOf(PERSON.billing), 'DELETE', `/api/v1/session/devices/${other?.id}`)
    expect(foreign.statusCode).toBe(404)
    expect((await as(desk, 'DELETE', `/api/v1/session/devices/${other?.id}`)).statusCode).toBe(200)
    expect((await as(phone, 'GET', '/api/v1/session')).statusCode).toBe(401)
    expect((await as(desk, 'GET', '/api/v1/session')).statusCode).toBe(200)
    expect((await as(desk, 'DELETE', '/api/v1/session')).statusCode).toBe(200)
    expect((await as(desk, 'GET', '/api/v1/session')).statusCode).toBe(401)
  })

  it('open once per link, in time', async () => {
    const { path } = await createSignInLink(db, { telegramId: 8_950 }, NOON)
    const token = path.split('/').at(-1) ?? ''
    const late = NOON + 10 * MINUTE_MS
    await expect(openWebSession(db, token, 'x', late)).rejects.toMatchObject({ code: 'page_link_expired' })
    const both = await Promise.allSettled([openWebSession(db, token, 'x', NOON), openWebSession(db, token, 'x', NOON)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const kept = JSON.stringify(await db.selectFrom('web_session').selectAll().execute())
    expect(kept).not.toContain(token)
  })
})

describe('refusals', () => {
  it('name the field and what helps, in the language of the caller', async () => {
    const as = { person: PERSON.owner, tenant: tenantId }
    expect(await problemOf(call(api.contacts.list, { ...as, query: '?limit=0', language: 'tr' }))).toMatchObject({
      status: 400,
      code: 'field_small',
      field: 'limit',
      detail: expect.stringContaining('en az 1'),
    })
    expect(await problemOf(call(api.contacts.list, { ...as, query: '?segment=HOT', language: 'en' }))).toMatchObject({
      status: 400,
      code: 'unknown_word',
      field: 'segment',
      detail: expect.stringContaining('HOT_LEAD'),
    })
  })

  it('say how long to wait when somebody calls too often', async () => {
    const knock = () => app.inject({ url: api.contacts.list.path, remoteAddress: '198.51.100.7' })
    const first = await knock()
    expect([first.statusCode, first.headers['x-ratelimit-limit']]).toEqual([401, '600'])
    for (let calls = 1; calls < 600; calls += 1) expect((await knock()).statusCode).toBe(401)
    const late = await knock()
    expect(late.statusCode).toBe(429)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    expect(late.body).toContain('page_rate')
  }, 60_000)

  it('ask which tenant when there are several', async () => {
    expect(await problemOf(call(api.contacts.list, { person: OPERATOR }))).toMatchObject({ code: 'tenant_choose' })
  })
})

describe('the description', () => {
  it('names every route once, with what it takes to call it', async () => {
    const document = JSON.parse((await app.inject({ url: '/docs/json' })).body) as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const described = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    const byName = (a: string, b: string) => a.localeCompare(b)
    expect(described.toSorted(byName)).toEqual(ROUTES.map(({ name }) => name).toSorted(byName))
  })
})
