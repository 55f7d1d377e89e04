import { describe } from 'vitest'

import { createMemoryUserSessions } from './memory-user-sessions.ts'
import { itKeepsTheUserSessionContract } from './suites/user-session-store.suite.ts'

describe('createMemoryUserSessions', () => {
  let serial = 0
  itKeepsTheUserSessionContract(() =>
    Promise.resolve({
      store: createMemoryUserSessions(),
      newSession: (tenant) => Promise.resolve({ tenantId: tenant + 1, sessionId: (serial += 1), apiRoot: null }),
    }),
  )
})
