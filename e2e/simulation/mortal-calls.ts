import type { LanguageModel } from '#server/gateways/llm/language-model.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'

export const NEVER = new Promise<never>(() => {})

/** What is left of a process that may be cut off while it speaks to somebody outside. */
export interface Life {
  isOver: boolean
  /** Calls to Telegram under way. */
  inFlight: number
  /** Calls to Telegram or a model until something happens. */
  callsLeft: number
  die: () => void
  /** What happens when no call is left. */
  meet: () => void
}

export const createLife = (): Life => ({
  isOver: false,
  inFlight: 0,
  callsLeft: Number.POSITIVE_INFINITY,
  die: () => {},
  meet: () => {},
})

const spend = (life: Life): void => {
  life.callsLeft -= 1
  if (life.callsLeft === 0) setImmediate(() => life.meet())
}

/** The way out of a process that may die while it speaks: what it had said is said, and it never hears the answer. */
export const mortalSender = (real: TelegramSender, life: Life): TelegramSender => ({
  ...real,
  async send(account, message) {
    if (life.isOver) return NEVER
    life.inFlight += 1
    try {
      const call = real.send(account, message)
      spend(life)
      const result = await call
      return life.isOver ? await NEVER : result
    } finally {
      life.inFlight -= 1
    }
  },
})

/** A model that is asked and whose answer a dead process never reads. */
export const mortalModel = (real: LanguageModel, life: Life): LanguageModel => ({
  ...real,
  async ask(endpoint, request) {
    if (life.isOver) return NEVER
    const call = real.ask(endpoint, request)
    spend(life)
    const result = await call
    return life.isOver ? NEVER : result
  },
})
