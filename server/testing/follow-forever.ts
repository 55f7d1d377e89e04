// Follows contact.changed until killed, writing each contact it is told of into the table `seen`: for tests of kill -9.
import { systemClock } from '#server/base/clock.ts'
import { defineListener } from '#server/base/events.ts'
import { silentLogger } from '#server/base/logger.ts'
import { EventDispatcher } from '#server/db/event-dispatcher.ts'
import { createDb, createPool } from '#server/db/pool.ts'

const connectionString = process.argv[2] ?? ''
const pool = createPool({ connectionString, min: 0, max: 4, applicationName: 'follower' })
const db = createDb(pool)
const listener = defineListener({
  name: 'follower',
  types: ['contact.changed'],
  async receive(events) {
    const ids = events.flatMap((event) => event.payload.contactIds)
    await pool.query('insert into seen (id) select unnest($1::bigint[])', [ids])
  },
})
const dispatcher = new EventDispatcher({
  db,
  clock: systemClock,
  log: silentLogger,
  connectionString,
  listeners: [listener],
})
await dispatcher.start((error) => {
  throw error
})
process.stdout.write('following\n')
