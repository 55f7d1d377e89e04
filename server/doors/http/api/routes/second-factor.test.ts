import { Secret, TOTP } from 'otpauth'
import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { rotateMasterKey } from '#server/modules/accounts/index.ts'
import { addOperator, removeOperator, resetSecondFactor } from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember, callAs, signIn } = openTestApi(db, clock)
const strict = openTestApi(db, clock, { isSecondFactorRequired: true })
const OTHER_BOX = secretBox(randomKey())
const rekeyed = openTestApi(db, clock, { box: OTHER_BOX })

interface Answer {
  readonly status: number
  readonly code?: string
  readonly field?: string
  readonly params?: Readonly<Record<string, number>>
  readonly recoveryCodes?: readonly string[]
  readonly secret?: string
  readonly [more: string]: unknown
}
const BASE = 'session/second-factor'
let serial = 60_000

const asOwnActor = { by: 'test', at: NOON }
const newOperator = async () => {
  const telegramId = (serial += 1)
  await asOperator(db, 'test', (tx) => addOperator(tx, { telegramId, name: 'Deniz', role: 'operator' }, asOwnActor))
  const enter = async () => callAs<Answer>(await signIn(telegramId), 'en')
  return { telegramId, enter, call: await enter() }
}

const codeOf = (secret: string, at: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })

/** The code of the device; the next one each time, as time goes on between them. */
const nextCode = (secret: string): Promise<string> =>
  clock.advance(30 * SECOND_MS).then(() => codeOf(secret, clock.now()))

const statusesOf = (answers: readonly Answer[]): readonly number[] =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b)

/** An operator who has set it up on the device they are at. */
const enrolled = async () => {
  const operator = await newOperator()
  const { secret = '' } = await operator.call('POST', `${BASE}/enrolment`)
  const code = await nextCode(secret)
  const { recoveryCodes = [], status } = await operator.call('POST', `${BASE}/enrolment/code`, { code })
  expect(status).toBe(200)
  return { ...operator, secret, recoveryCodes, firstCode: code }
}

let tenantId: number
beforeAll(async () => {
  tenantId = await createTenant(db)
})

describe('a second factor', () => {
  it('is set up with the first right code, and asked for on every other device from then on', async () => {
    const { call, enter } = await newOperator()
    const other = await enter()
    expect(await call('GET', BASE)).toMatchObject({ confirmedAt: null, mayEnrol: true, isRequired: false })
    const { secret = '', qr } = await call('POST', `${BASE}/enrolment`)
    expect(qr).toMatchObject({ size: expect.any(Number), path: expect.stringMatching(/^M4 4h7/) })
    expect(await other('GET', 'installation')).toMatchObject({ status: 200 })
    const wrong = await call('POST', `${BASE}/enrolment/code`, { code: '000000' })
    expect(wrong).toMatchObject({ status: 400, code: 'second_factor_wrong', field: 'code' })
    const done = await call('POST', `${BASE}/enrolment/code`, { code: await nextCode(secret) })
    expect(new Set(done.recoveryCodes).size).toBe(10)
    expect(await call('GET', BASE)).toMatchObject({ confirmedAt: clock.now(), isPassed: true, recoveryCodesLeft: 10 })
    expect(await call('GET', 'installation')).toMatchObject({ status: 200 })
    expect(await call('GET', 'session')).toMatchObject({ secondFactor: 'on' })
    expect(await call('POST', `${BASE}/enrolment`)).toMatchObject({ status: 409, code: 'second_factor_on' })
    for (const path of [
      'session',
      'session/devices',
      'installation',
      'installation/payments',
      `contacts?tenant=${tenantId}`,
    ])
      expect([path, await other('GET', path)]).toMatchObject([path, { status: 403, code: 'second_factor_needed' }])
    expect(await other('GET', BASE)).toMatchObject({ status: 200, isPassed: false })
    expect(await other('POST', `${BASE}/enrolment`)).toMatchObject({ code: 'second_factor_needed' })
    expect(await other('DELETE', 'session')).toMatchObject({ status: 200 })
  })

  it('takes a code that is one step off, and none a second time', async () => {
    const { enter, secret, firstCode } = await enrolled()
    const call = await enter()
    expect(await call('POST', BASE, { code: firstCode })).toMatchObject({ code: 'second_factor_wrong' })
    await clock.advance(5 * MINUTE_MS)
    for (const off of [-60, 60]) {
      const code = codeOf(secret, clock.now() + off * SECOND_MS)
      expect([off, await call('POST', BASE, { code })]).toMatchObject([off, { code: 'second_factor_wrong' }])
    }
    const late = codeOf(secret, clock.now() - 30 * SECOND_MS)
    expect(await call('POST', BASE, { code: `${late.slice(0, 3)} ${late.slice(3)}` })).toMatchObject({ status: 200 })
    expect(await call('GET', 'session')).toMatchObject({ status: 200, secondFactor: 'on' })
    const again = await enter()
    expect(await again('POST', BASE, { code: late })).toMatchObject({ code: 'second_factor_wrong' })
    const early = codeOf(secret, clock.now() + 30 * SECOND_MS)
    expect(await again('POST', BASE, { code: early })).toMatchObject({ status: 200 })
    // What is older than the newest that was accepted is over, too.
    const now = codeOf(secret, clock.now())
    expect(await (await enter())('POST', BASE, { code: now })).toMatchObject({ code: 'second_factor_wrong' })
  })

  it('lets one in of two who use the same code at once', async () => {
    const { enter, secret, recoveryCodes } = await enrolled()
    for (const code of [await nextCode(secret), recoveryCodes[0] ?? '']) {
      const callers = [await enter(), await enter(), await enter()]
      const ends = await Promise.all(callers.map((call) => call('POST', BASE, { code })))
      expect(statusesOf(ends)).toEqual([200, 400, 400])
      const inside = await Promise.all(callers.map((call) => call('GET', 'session')))
      expect(statusesOf(inside)).toEqual([200, 403, 403])
    }
  })

  it('is locked for a while after five wrong codes, also for the right one, and longer each time', async () => {
    const { enter, secret } = await enrolled()
    const call = await enter()
    const wrong = async (times: number) => {
      for (let i = 0; i < times; i += 1) await call('POST', BASE, { code: '00000a' })
    }
    await wrong(3)
    expect(await call('POST', BASE, { code: '00000a' })).toMatchObject({ params: { left: 1 } })
    expect(await call('POST', BASE, { code: '00000a' })).toMatchObject({ status: 429, params: { minutes: 15 } })
    expect(await call('POST', BASE, { code: await nextCode(secret) })).toMatchObject({ code: 'second_factor_locked' })
    await clock.advance(15 * MINUTE_MS)
    await wrong(4)
    expect(await call('POST', BASE, { code: '00000a' })).toMatchObject({ params: { minutes: 30 } })
    await clock.advance(30 * MINUTE_MS)
    expect(await call('POST', BASE, { code: await nextCode(secret) })).toMatchObject({ status: 200 })
  })

  it('takes a recovery code once, and none of those that were replaced', async () => {
    const { call: first, enter, secret, recoveryCodes } = await enrolled()
    const [one = '', two = ''] = recoveryCodes
    const call = await enter()
    expect(await call('POST', BASE, { code: one.toUpperCase().replaceAll('-', ' ') })).toMatchObject({ status: 200 })
    expect(await call('GET', BASE)).toMatchObject({ isPassed: true, recoveryCodesLeft: 9 })
    const again = await enter()
    expect(await again('POST', BASE, { code: one })).toMatchObject({ code: 'second_factor_wrong' })
    const renewed = await first('POST', `${BASE}/recovery-codes`, { code: await nextCode(secret) })
    expect(renewed.recoveryCodes).toHaveLength(10)
    expect(await again('POST', BASE, { code: two })).toMatchObject({ code: 'second_factor_wrong' })
    expect(await again('POST', BASE, { code: renewed.recoveryCodes?.[0] })).toMatchObject({ status: 200 })
  })

  it('is turned off with a code alone, or by whoever has the shell, and ends with the operator', async () => {
    const { call, enter, telegramId, secret } = await enrolled()
    const other = await enter()
    expect(await other('POST', `${BASE}/removal`, { code: await nextCode(secret) })).toMatchObject({ status: 403 })
    expect(await call('POST', `${BASE}/removal`, { code: '123456' })).toMatchObject({ code: 'second_factor_wrong' })
    expect(await call('POST', `${BASE}/removal`, { code: await nextCode(secret) })).toMatchObject({ status: 200 })
    expect(await other('GET', 'session')).toMatchObject({ status: 200, secondFactor: 'advised' })
    const reset = () => asOperator(db, 'test', (tx) => resetSecondFactor(tx, { telegramId }, asOwnActor))
    await expect(reset()).rejects.toMatchObject({ code: 'second_factor_off' })
    const lost = await enrolled()
    await asOperator(db, 'test', (tx) => resetSecondFactor(tx, lost, asOwnActor))
    expect(await (await lost.enter())('GET', 'installation')).toMatchObject({ status: 200 })
    const gone = await enrolled()
    await asOperator(db, 'test', (tx) => removeOperator(tx, gone.telegramId, asOwnActor))
    expect(await gone.call('GET', 'session')).toMatchObject({ status: 200, secondFactor: 'unneeded' })
    const lines = await db.selectFrom('audit_log').select('action').where('action', 'like', 'second_factor.%').execute()
    const actions = new Set(lines.map(({ action }) => action))
    for (const event of ['enrolled', 'removed', 'reset', 'locked', 'recovery_used', 'codes_renewed'])
      expect(actions).toContain(`second_factor.${event}`)
  })

  it('is for those who run the installation', async () => {
    const { call } = await addMember<Answer>(tenantId, 'owner')
    expect(await call('GET', BASE)).toMatchObject({ mayEnrol: false })
    expect(await call('POST', `${BASE}/enrolment`)).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await call('POST', BASE, { code: '123456' })).toMatchObject({ status: 409, code: 'second_factor_off' })
    expect(await call('GET', 'session')).toMatchObject({ secondFactor: 'unneeded' })
  })

  it('opens the installation alone where it is required, and nothing of a tenant before', async () => {
    const { telegramId } = await newOperator()
    const call = strict.callAs<Answer>(await strict.signIn(telegramId))
    expect(await call('GET', 'session')).toMatchObject({ operatorActions: [], tenants: [], secondFactor: 'required' })
    expect(await call('GET', 'installation')).toMatchObject({ status: 403, code: 'second_factor_required' })
    expect(await call('GET', `contacts?tenant=${tenantId}`)).toMatchObject({ status: 404 })
    const { secret = '' } = await call('POST', `${BASE}/enrolment`)
    await call('POST', `${BASE}/enrolment/code`, { code: await nextCode(secret) })
    expect(await call('GET', 'installation')).toMatchObject({ status: 200 })
    expect(await call('GET', `contacts?tenant=${tenantId}`)).toMatchObject({ status: 200 })
  })

  it('is kept sealed, its recovery codes as hashes, and goes on under another key', async () => {
    const { secret, recoveryCodes, telegramId } = await enrolled()
    const kept = JSON.stringify([
      await db.selectFrom('second_factor').selectAll().execute(),
      await db.selectFrom('second_factor_recovery').selectAll().execute(),
    ])
    for (const hidden of [secret, ...recoveryCodes]) {
      expect(kept).not.toContain(hidden)
      expect(kept).not.toContain(JSON.stringify([...Buffer.from(hidden)]).slice(1, -1))
    }
    const box = secretBox(Buffer.alloc(32, 5))
    await asOperator(db, 'test', (tx) => rotateMasterKey(tx, box, OTHER_BOX))
    const call = rekeyed.callAs<Answer>(await rekeyed.signIn(telegramId))
    expect(await call('POST', BASE, { code: await nextCode(secret) })).toMatchObject({ status: 200 })
    await asOperator(db, 'test', (tx) => rotateMasterKey(tx, OTHER_BOX, box))
  })
})
