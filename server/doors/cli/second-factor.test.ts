import { Secret, TOTP } from 'otpauth'
import { expect, it } from 'vitest'

import { secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import {
  confirmSecondFactor,
  createSignInLink,
  enrolSecondFactor,
  openWebSession,
  viewSecondFactor,
} from '#server/modules/tenancy/index.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

it('takes away the second factor of whoever has lost their device, after a confirmation', async () => {
  const db = createDb((await createTestDatabase()).pool)
  const cli = createCliRunner(db)
  const telegramId = 4_242
  await cli.json(['operators', 'add', String(telegramId), '--name', 'Deniz'])
  const { path } = await createSignInLink(db, { telegramId }, NOON)
  const { session } = await openWebSession(db, path.split('/').at(-1) ?? '', 'Firefox', NOON)
  const call = { db, box: secretBox(Buffer.alloc(32, 5)), session, now: NOON, at: NOON }
  const access = { kind: 'operator', role: 'operator' } as const
  const { secret } = await enrolSecondFactor(call, access, 'Deniz')
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: NOON })
  await confirmSecondFactor(call, access, code)
  const since = async () => (await viewSecondFactor(db, { telegramId })).confirmedAt

  const reset = ['operators', 'reset-second-factor', '--telegram-id', String(telegramId)]
  expect((await cli.run(reset)).code).toBe(64)
  expect(await since()).toBe(NOON)
  expect(await cli.json([...reset, '--yes'])).toEqual({ telegramId, reset: true })
  expect(await since()).toBeNull()
  expect((await cli.run([...reset, '--yes'])).code).toBe(1)
})
