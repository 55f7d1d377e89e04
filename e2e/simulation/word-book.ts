import { isStopWord } from '#server/modules/contacts/index.ts'
import { parseCallbackData } from '#server/modules/delivery/index.ts'
import type { SimulatorClock } from '#simulator/clock.ts'

/** A word of a person about commercial messages, as the wire carried it. */
export interface Word {
  readonly personId: number
  readonly allows: boolean
  /** More than a no to advertising: a stop. */
  readonly stops: boolean
  /** When the server was given it. */
  readonly heardAt: number
}

/** Keeps what people said about being written to, read from the updates themselves and not from what the server made of them. */
export interface WordBook {
  readonly words: readonly Word[]
  /** Who refused an invitation. */
  readonly refusals: readonly Omit<Word, 'allows' | 'stops'>[]
  read(update: Readonly<Record<string, unknown>>): void
}

interface WireMessage {
  readonly text?: string
  readonly chat: { readonly type: string }
  readonly from?: { readonly id: number }
}

interface WirePress {
  readonly data?: string
  readonly from: { readonly id: number }
}

const ALLOWS: Readonly<Record<string, boolean>> = {
  stop: false,
  consent_no: false,
  erase_yes: false,
  consent_yes: true,
}

export const createWordBook = (clock: SimulatorClock): WordBook => {
  const words: Word[] = []
  const add = (personId: number, allows: boolean, stops: boolean) =>
    words.push({ personId, allows, stops, heardAt: clock.now() })
  const refusals: Omit<Word, 'allows' | 'stops'>[] = []
  return {
    words,
    refusals,
    read(update) {
      const message = update['message'] as WireMessage | undefined
      if (message?.from && message.chat.type === 'private' && message.text !== undefined) {
        if (isStopWord(message.text) || message.text === '/stop') add(message.from.id, false, true)
      }
      const press = update['callback_query'] as WirePress | undefined
      const action = parseCallbackData(press?.data ?? '')?.action.split(':')[0] ?? ''
      const allows = ALLOWS[action]
      if (press && allows !== undefined) add(press.from.id, allows, action === 'stop')
      if (press && action === 'invite_no') refusals.push({ personId: press.from.id, heardAt: clock.now() })
    },
  }
}
