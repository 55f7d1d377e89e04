import type { Answer } from '#simulator/bot-api/answer.ts'
import { badRequest, BotApiError, conflict, CONFLICT_POLL, forbidden } from '#simulator/bot-api/errors.ts'
import type { Fault } from '#simulator/bot-api/faults.ts'

export type FaultEffects = {
  readonly runCall: () => Answer | Promise<Answer>
  readonly refuse: (error: unknown) => Answer
  /** Throws a 429 that is enforced from now on. */
  readonly penalise: () => never
}

const DROP: Answer = { kind: 'drop', status: 0, body: '', delayMs: 0 }
const HANG: Answer = { kind: 'hang', status: 0, body: '', delayMs: 0 }
const BAD_GATEWAY: Answer = {
  kind: 'html',
  status: 502,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n',
  delayMs: 0,
}

/** Turns a struck fault into an answer; the kinds that end in `after` run the call first. */
export function strikeFault(fault: Fault, effects: FaultEffects): Answer | Promise<Answer> {
  const { runCall, refuse } = effects
  switch (fault.kind) {
    case 'drop_before':
      return DROP
    case 'drop_after':
      return after(runCall(), () => DROP)
    case 'hang_before':
      return HANG
    case 'hang_after':
      return after(runCall(), () => HANG)
    case 'bad_gateway':
      return BAD_GATEWAY
    case 'bad_gateway_after':
      return after(runCall(), () => BAD_GATEWAY)
    case 'slow':
      return after(runCall(), (answer) => ({ ...answer, delayMs: fault.delayMs ?? 1000 }))
    case 'too_many_requests':
      try {
        return effects.penalise()
      } catch (error) {
        return refuse(error)
      }
    default:
      return refuse(errorOf(fault))
  }
}

function after(answer: Answer | Promise<Answer>, change: (answer: Answer) => Answer): Answer | Promise<Answer> {
  return answer instanceof Promise ? answer.then(change) : change(answer)
}

type Refusing = Exclude<
  Fault['kind'],
  | 'drop_before'
  | 'drop_after'
  | 'hang_before'
  | 'hang_after'
  | 'bad_gateway'
  | 'bad_gateway_after'
  | 'slow'
  | 'too_many_requests'
>

function errorOf(fault: Fault): BotApiError {
  switch (fault.kind as Refusing) {
    case 'restart':
      return new BotApiError(500, 'Internal Server Error: restart')
    case 'blocked':
      return forbidden('bot was blocked by the user')
    case 'deactivated':
      return forbidden('user is deactivated')
    case 'not_started':
      return forbidden("bot can't initiate conversation with a user")
    case 'kicked':
      return forbidden('bot was kicked from the supergroup chat')
    case 'chat_not_found':
      return badRequest('chat not found')
    case 'conflict':
      return conflict(CONFLICT_POLL)
    case 'unauthorized':
      return new BotApiError(401, 'Unauthorized')
    case 'error':
      return new BotApiError(fault.code ?? 400, fault.description ?? 'Bad Request: simulated error')
  }
}
