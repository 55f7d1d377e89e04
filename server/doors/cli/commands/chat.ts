import { setTimeout as pause } from 'node:timers/promises'

import { AppError, invalid } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { findPanelAccount, openAccount } from '#server/modules/accounts/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'

interface ShownButton {
  readonly number: number
  readonly label: string
  readonly url: string | null
}

interface Shown {
  readonly messages: readonly string[]
  readonly buttons: readonly ShownButton[]
}

interface WireButton {
  readonly text: string
  readonly url?: string
}

interface WireMessage {
  readonly message_id: number
  readonly text?: string
  readonly from?: { readonly id: number }
  readonly reply_markup?: { readonly inline_keyboard?: readonly (readonly WireButton[])[] }
}

type Controls = (name: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** The newcomer of the demo. */
const NEWCOMER = 910_003
const LOOK_EVERY_MS = 250
const PATIENCE_MS = 20_000

const controlsAt =
  (apiRoot: string): Controls =>
  async (name, input) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) }
    const response = await fetch(`${apiRoot}/__sim/${name}`, init).catch((cause: unknown) => {
      throw new AppError('unavailable', 'chat_needs_simulator', { address: apiRoot }, { cause })
    })
    const text = await response.text()
    if (!response.ok) throw invalid('chat_refused', name, { answer: text.slice(0, 200) })
    return (JSON.parse(text) as { readonly result: unknown }).result
  }

/** The simulated Telegram that the panel's bot lives in. Errors: `unavailable/chat_needs_simulator`. */
const findStage = async (context: CliContext) => {
  const db = await context.db()
  const panel = await asOperator(db, 'find the panel bot', findPanelAccount)
  const nobody = new AppError('unavailable', 'chat_needs_simulator', { address: '' })
  if (panel === null) throw nobody
  const { box } = await context.host.telegram()
  const { apiRoot, telegramId: botId } = await openAccount({ db, box }, panel.id)
  if (apiRoot === null) throw nobody
  return { controls: controlsAt(apiRoot), botId }
}

const readChat = async (controls: Controls, talk: { readonly userId: number; readonly botId: number }) => {
  const { messages } = (await controls('getDialog', talk)) as { readonly messages: readonly WireMessage[] }
  return messages.filter(({ from }) => from?.id === talk.botId)
}

const buttonsOf = (messages: readonly WireMessage[]): readonly ShownButton[] =>
  (
    messages.findLast(({ reply_markup: markup }) => (markup?.inline_keyboard ?? []).length > 0)?.reply_markup
      ?.inline_keyboard ?? []
  )
    .flat()
    .map(({ text, url }, index) => ({ number: index + 1, label: text, url: url ?? null }))

/** Presses a button as Telegram's clients do: one that makes a bot asks and makes it, an invoice is paid. */
const press = async (
  controls: Controls,
  talk: { readonly userId: number; readonly botId: number },
  { label, url }: ShownButton,
): Promise<boolean> => {
  if (url === null) await controls('press', { ...talk, button: label })
  else if (url.startsWith('https://t.me/newbot/')) await createBot(controls, talk.userId, url)
  else if (url.startsWith('https://t.me/$')) await controls('payInvoice', { ...talk, link: url })
  else return false
  return true
}

/** Its owner opens a bot of their own at once. */
const createBot = async (controls: Controls, userId: number, link: string): Promise<void> => {
  const { id } = (await controls('createManagedBotFromLink', { userId, link })) as { readonly id: number }
  await controls('start', { userId, botId: id })
}

const run = async (context: CliContext, input: CommandInput): Promise<Shown> => {
  const { controls, botId } = await findStage(context)
  const talk = { userId: input.whole('as', 1, Number.MAX_SAFE_INTEGER) ?? NEWCOMER, botId }
  const text = input.text('say')
  const number = input.whole('press', 1, 100)
  const before = await readChat(controls, talk)
  let acted = false
  if (text !== null) {
    await controls('sendText', { ...talk, text })
    acted = true
  } else if (number !== null) {
    const buttons = buttonsOf(before)
    const button = buttons.find((one) => one.number === number)
    if (!button) throw invalid('chat_no_button', 'press', { given: number, max: buttons.length })
    acted = await press(controls, talk, button)
  }
  const known = new Set(before.map((message) => JSON.stringify(message)))
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const now = await readChat(controls, talk)
    const news = acted ? now.filter((message) => !known.has(JSON.stringify(message))) : now.slice(-1)
    if (!acted || news.length > 0 || waitedMs >= PATIENCE_MS)
      return { messages: news.map((message) => message.text ?? ''), buttons: buttonsOf(now) }
    await pause(LOOK_EVERY_MS)
  }
}

/** Writes to the panel's bot as a person of the simulated Telegram, and shows what it answers. */
export const chat: CommandGroup = {
  lone: command({
    name: 'chat',
    options: [
      { name: 'say', value: 'text' },
      { name: 'press', value: 'n' },
      { name: 'as', value: 'id' },
    ],
    run,
    render: (_context, { messages, buttons }) =>
      [
        ...messages,
        buttons.map(({ number, label, url }) => `  ${number}) ${label}${url === null ? '' : `  ${url}`}`).join('\n'),
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
  }),
}
