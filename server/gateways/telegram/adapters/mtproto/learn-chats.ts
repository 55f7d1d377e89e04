import { Long } from '@mtcute/core'

import type { LoginResult } from '../../login.ts'
import type { UserSession } from '../../user-session.ts'
import { callRpc } from './call-rpc.ts'
import { type ClientPool, DEFAULT_CALL_TIMEOUT_MS } from './client-pool.ts'
import { asLoginResult } from './login-result.ts'

/** Telegram's page of dialogs. */
const LATEST = 100

/**
 * Reads the account's latest chats. What they name, mtcute stores: a person or channel can be written to only with an
 * access hash that Telegram has shown this session. Answers how many chats there were.
 */
export const learnChats = async (
  pool: ClientPool,
  session: UserSession,
  timeoutMs = DEFAULT_CALL_TIMEOUT_MS,
): Promise<LoginResult<number>> =>
  asLoginResult(
    await callRpc(
      () => pool.get(session),
      async (client, abortSignal) => {
        const answer = await client.call(
          {
            _: 'messages.getDialogs',
            offsetDate: 0,
            offsetId: 0,
            offsetPeer: { _: 'inputPeerEmpty' },
            limit: LATEST,
            hash: Long.ZERO,
          },
          { abortSignal },
        )
        return 'dialogs' in answer ? answer.dialogs.length : 0
      },
      { timeoutMs },
    ),
  )
