import { afterAll } from 'vitest'

import { dropTestDatabases } from './db.ts'

/** Runs anew for each test file, also where a worker runs many; its hook is the first told and so the last to run. */
afterAll(dropTestDatabases)
