import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import { seededRandom } from '#server/base/random.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { createWebhookCaller } from '#server/gateways/webhooks/adapters/http/create-webhook-caller.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'
import { openWebhookReceiver } from '#server/testing/webhook-receiver.ts'

const db = createDb((await createTestDatabase()).pool)
await createTenant(db)
const access = (arePrivateAllowed: boolean) => ({
  box: secretBox(KEY),
  caller: createWebhookCaller({ clock: systemClock, arePrivateAllowed }),
  clock: systemClock,
  random: seededRandom(1),
  version: '0.0.0',
  arePrivateAllowed,
})
const KEY = randomKey()
const { run, json } = createCliRunner(db, { webhooks: async () => access(true) })
const strict = createCliRunner(db, { webhooks: async () => access(false) })

describe('gavatcore webhooks', () => {
  it('says how to begin, adds one, tests it, and shows what was sent and answered', async () => {
    expect((await run(['webhooks', 'list'])).out).toContain('gavatcore webhooks add')
    const receiver = await openWebhookReceiver()
    const added = await run(['webhooks', 'add', 'Muhasebe', receiver.url, '--event', 'order.paid'])
    expect(added).toMatchObject({ code: 0, err: '' })
    const secret = /whsec_\S+/.exec(added.out)?.[0] ?? ''
    const tested = await run(['webhooks', 'test', '1'])
    expect(tested.code).toBe(0)
    expect(tested.out).toMatch(/webhook\.test +delivered +1 +204/)
    const [got] = receiver.received
    expect(new Webhook(secret).verify(got!.body, { ...got!.headers })).toMatchObject({ type: 'webhook.test' })

    receiver.answer(500)
    expect(await run(['webhooks', 'test', '1'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('500') as string,
    })
    expect(await json(['webhooks', 'deliveries', '--state', 'failed'])).toMatchObject([{ id: 2, state: 'failed' }])
    expect((await run(['webhooks', 'replay', '1'])).out).toContain('1 delivery is queued again')
    expect((await run(['webhooks', 'replay', '1', '--delivery', '1'])).out).toContain('1 delivery')
    expect((await run(['webhooks', 'deliveries', '--webhook', '1'])).out).toMatch(/webhook\.test +waiting/)

    expect((await run(['webhooks', 'rotate', '1'])).out).toMatch(/whsec_/)
    expect((await run(['webhooks', 'pause', '1'])).out).toContain('paused')
    expect((await run(['webhooks', 'replay', '1'])).err).toContain('turn it on first')
    expect((await run(['webhooks', 'resume', '1'])).out).toContain('working')
    expect((await run(['webhooks', 'list'])).out).not.toContain('whsec_')
    expect((await run(['webhooks', 'remove', '1', '--yes'])).out).toContain('removed')
    expect(await json(['webhooks', 'list'])).toEqual([])
  })

  it('goes nowhere private unless whoever runs the installation says so', async () => {
    const refused = await strict.run(['webhooks', 'add', 'x', 'https://127.0.0.1/in', '--event', 'order.paid'])
    expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('WEBHOOK_PRIVATE_ADDRESSES=on') as string })
    const plain = await strict.run(['webhooks', 'add', 'x', 'http://hooks.example.com', '--event', 'order.paid'])
    expect(plain.err).toContain('https://')
  })
})
