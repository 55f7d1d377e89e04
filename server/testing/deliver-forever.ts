// Delivers the webhooks of one tenant until killed: for tests of kill -9. The key is given in base64.
import { setTimeout as sleep } from 'node:timers/promises'

import { systemClock } from '#server/base/clock.ts'
import { seededRandom } from '#server/base/random.ts'
import { secretBox } from '#server/base/secret.ts'
import { createDb, createPool } from '#server/db/pool.ts'
import { createWebhookCaller } from '#server/gateways/webhooks/adapters/http/create-webhook-caller.ts'
import { deliverDue } from '#server/modules/webhooks/index.ts'

const [connectionString = '', tenantId, key = ''] = process.argv.slice(2)
const db = createDb(createPool({ connectionString, min: 0, max: 8, applicationName: 'webhooks' }))
const deps = {
  db,
  box: secretBox(Buffer.from(key, 'base64')),
  caller: createWebhookCaller({ clock: systemClock, arePrivateAllowed: true }),
  clock: systemClock,
  random: seededRandom(1),
  version: '0.0.0',
  claimMs: 1_000,
}
process.stdout.write('delivering\n')
for (;;) {
  await deliverDue(deps, Number(tenantId))
  await sleep(20)
}
