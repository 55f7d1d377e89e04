import type { Answer } from '#simulator/bot-api/answer.ts'

/** One call as it reached the Bot API, by the simulator's clock. */
export type CallRecord = {
  readonly at: number
  /** 0 for a token that belongs to no bot. */
  readonly botId: number
  readonly method: string
  /** Null for a call that names no chat. */
  readonly chatId: number | null
  readonly answer: Answer['kind']
  readonly status: number
  /** Seconds a 429 asked to wait. */
  readonly retryAfter: number | null
}

export type CallLog = {
  /** Off at first: a load test would fill the memory with it. */
  readonly setOn: (isOn: boolean) => void
  readonly isOn: () => boolean
  readonly note: (call: Omit<CallRecord, 'answer' | 'status' | 'retryAfter'>, answer: Answer) => void
  /** In order of arrival. */
  readonly list: () => readonly CallRecord[]
  readonly clear: () => void
}

/** Creates an empty log that is off. */
export function createCallLog(): CallLog {
  const records: CallRecord[] = []
  let isOn = false
  return {
    setOn: (on) => void (isOn = on),
    isOn: () => isOn,
    note(call, answer) {
      if (isOn) records.push({ ...call, answer: answer.kind, status: answer.status, retryAfter: retryAfterOf(answer) })
    },
    list: () => records,
    clear: () => void (records.length = 0),
  }
}

function retryAfterOf(answer: Answer): number | null {
  if (answer.status !== 429) return null
  const body = JSON.parse(answer.body) as { readonly parameters?: { readonly retry_after?: number } }
  return body.parameters?.retry_after ?? null
}
