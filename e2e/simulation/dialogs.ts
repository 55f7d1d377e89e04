import type { Message } from '@grammyjs/types'
import type { Random } from '#server/base/random.ts'
import { parseCallbackData } from '#server/modules/delivery/index.ts'

import type { Simulation } from './open-simulation.ts'

export interface Dialog {
  readonly userId: number
  readonly botId: number
  readonly messages: readonly Message[]
}

/** A button with its place, as the person sees it. */
export interface SeenButton extends Dialog {
  readonly messageId: number
  readonly label: string
  readonly action: string
  readonly text: string
}

export const pick = <T>(random: Random, from: readonly T[]): T | undefined =>
  from[Math.floor(random.next() * from.length)]

/** So many of `from`, each once. */
export const pickSome = <T>(random: Random, from: readonly T[], count: number): readonly T[] =>
  from
    .map((one) => ({ one, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ one }) => one)

/** Conversations of these people with a bot that they began and did not block. */
export const listDialogs = ({ simulator, accounts }: Simulation, userIds: readonly number[]): readonly Dialog[] =>
  userIds.flatMap((userId) =>
    accounts.flatMap(({ telegramId: botId }) => {
      const { isStarted, isBlocked, messages } = simulator.control.getDialog({ userId, botId })
      return isStarted && !isBlocked ? [{ userId, botId, messages }] : []
    }),
  )

/** Buttons under what a bot said, newest first. */
export const listButtons = (dialog: Dialog): readonly SeenButton[] =>
  dialog.messages
    .slice(-12)
    .toReversed()
    .flatMap((message) =>
      message.from?.id !== dialog.botId
        ? []
        : (message.reply_markup?.inline_keyboard ?? []).flat().flatMap((button) =>
            'callback_data' in button
              ? [
                  {
                    ...dialog,
                    messageId: message.message_id,
                    label: button.text,
                    action: parseCallbackData(button.callback_data)?.action.split(':')[0] ?? '',
                    text: message.text ?? '',
                  },
                ]
              : [],
          ),
    )
