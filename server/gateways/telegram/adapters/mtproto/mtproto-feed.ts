import { systemClock } from '#server/base/clock.ts'
import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'

import { FAILURES, type FailureReason } from '../../failures.ts'
import type { FollowEnd, UserUpdateFeed } from '../../user-feed.ts'
import { type RpcReply, callRpc } from './call-rpc.ts'
import { type ClientPool, DEFAULT_CALL_TIMEOUT_MS } from './client-pool.ts'
import { createDeliveryQueue } from './delivery-queue.ts'
import { presentUpdate } from './present-update.ts'
import { sessionOf } from './session-of.ts'

const FIRST_PAUSE_MS = SECOND_MS
const LONGEST_PAUSE_MS = MINUTE_MS

/** Why the session works no more, if that is what the reply says. */
const lossIn = (reply: RpcReply<unknown>): FailureReason | null => {
  if (reply.kind !== 'refused') return null
  const { failure } = reply.meaning
  return FAILURES[failure].follows.account === 'disconnected' ? failure : null
}

/**
 * Follows people's accounts through mtcute's update manager, whose place in the stream is stored only after what came
 * before it: a process that dies is told the rest again, and the key of each update drops what it had stored.
 */
export const createMtprotoFeed = (pool: ClientPool, timeoutMs = DEFAULT_CALL_TIMEOUT_MS): UserUpdateFeed => ({
  async follow(account, options): Promise<FollowEnd> {
    const { signal } = options
    const session = sessionOf(account)
    const queue = createDeliveryQueue(options)
    const wake = { look: new AbortController() }
    const look = () =>
      callRpc(
        () => pool.get(session),
        (client, abort) => client.call({ _: 'updates.getState' }, { abortSignal: abort }),
        { timeoutMs, signal },
      )
    const open = () =>
      pool.listen(session, {
        onUpdate: (update, peers) => {
          const presented = presentUpdate(update, peers)
          if (presented) queue.push(presented)
        },
        onConnected: () => wake.look.abort(),
        beforeSave: () => queue.settled(),
      })

    let failures = 0
    let listening: Awaited<ReturnType<typeof open>> | null = null
    void open().catch(() => undefined)
    while (!signal.aborted) {
      wake.look = new AbortController()
      const reply = await look()
      const loss = lossIn(reply)
      if (loss !== null) return { kind: 'account_lost', reason: loss }
      if (reply.kind === 'answered') {
        failures = 0
        const client = await open()
        // The first asks for what came while nobody listened; later ones for what was missed unnoticed.
        if (client === listening) client.onServerUpdate.emit({ _: 'updatesTooLong' })
        else await client.startUpdatesLoop()
        listening = client
      } else if (!signal.aborted) {
        failures += 1
        options.onTrouble?.(reply.kind === 'silent' ? reply.reason : reply.meaning.failure)
      }
      const askedMs = reply.kind === 'refused' ? (reply.meaning.waitSeconds ?? 0) * SECOND_MS : 0
      const pauseMs =
        failures === 0
          ? (options.checkEveryMs ?? MINUTE_MS)
          : Math.max(askedMs, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)))
      await systemClock.sleep(pauseMs, failures === 0 ? AbortSignal.any([signal, wake.look.signal]) : signal)
    }
    return { kind: 'stopped' }
  },
})
