import type { Message } from '@grammyjs/types'
import type { Agenda } from '#simulator/people/agenda.ts'
import { decideReaction, type Reaction } from '#simulator/people/decide-reaction.ts'
import type { Profile, ProfileName } from '#simulator/people/profiles.ts'
import { writePhrase, writeStop } from '#simulator/people/texts.ts'
import type { Random } from '#simulator/random.ts'
import { findMember, isPresent } from '#simulator/world/members.ts'
import type { Place, SimBot, SimChat, SimUser, World } from '#simulator/world/types.ts'
import {
  blockBot,
  dialogPlace,
  pressButton,
  sendToBot,
  sendToChat,
  startBot,
  unblockBot,
} from '#simulator/world/user-actions.ts'

export type ActionCounts = {
  started: number
  pressed: number
  answered: number
  wrote: number
  chatted: number
  stopped: number
  blocked: number
  unblocked: number
}

/** A virtual person: a user with a profile, its own dice, and a memory of what bots sent. */
export type Person = {
  readonly user: SimUser
  readonly profileName: ProfileName
  readonly profile: Profile
  readonly random: Random
  /** When each bot's messages of the last day came, by bot id. */
  readonly received: Map<number, number[]>
  readonly askedToStop: Set<number>
}

export type PeopleDeps = {
  readonly world: World
  readonly agenda: Agenda
  readonly counts: ActionCounts
  /** Minutes east of UTC where the people live. */
  readonly utcOffsetMinutes: number
}

const DAY_MS = 86_400_000
const MEAN_UNBLOCK_MS = 10 * DAY_MS

/** Hour 0–23 and weekday (0 Sunday) at an instant, where the people live. */
export function localTime(at: number, utcOffsetMinutes: number): { readonly hour: number; readonly weekday: number } {
  const local = Math.floor((at + utcOffsetMinutes * 60_000) / 3_600_000)
  // 1 January 1970 was a Thursday.
  return { hour: ((local % 24) + 24) % 24, weekday: (Math.floor(local / 24) + 4) % 7 }
}

export function startPerson(deps: PeopleDeps, person: Person, bot: SimBot, payload: string): void {
  if (person.user.isDeleted) return
  startBot(deps.world, person.user, bot, payload)
  deps.counts.started += 1
}

/** Lets the person react to a bot's private message, some time later. */
export function receiveMessage(deps: PeopleDeps, person: Person, bot: SimBot, message: Message): void {
  const now = deps.world.clock.now()
  const received = person.received.get(bot.id) ?? []
  const last = received.at(-1)
  while (received[0] !== undefined && received[0] <= now - DAY_MS) received.shift()
  received.push(now)
  person.received.set(bot.id, received)
  const { hour, weekday } = localTime(now, deps.utcOffsetMinutes)
  const facts = {
    at: now,
    localHour: hour,
    localWeekday: weekday,
    text: message.text ?? message.caption ?? '',
    hasButtons: hasCallbackButton(message),
    sinceLastMs: last === undefined ? Number.POSITIVE_INFINITY : now - last,
    receivedToday: received.length,
    hasAskedToStop: person.askedToStop.has(bot.id),
  }
  const reaction = decideReaction(person.profile, facts, person.random)
  if (reaction.kind === 'none') return
  deps.agenda.plan(now + reaction.afterMs, () => react(deps, person, bot, message, reaction))
}

function hasCallbackButton(message: Message): boolean {
  return (message.reply_markup?.inline_keyboard ?? []).some((row) => row.some((button) => 'callback_data' in button))
}

function react(deps: PeopleDeps, person: Person, bot: SimBot, message: Message, reaction: Reaction): void {
  const { world, counts } = deps
  const { user, random } = person
  const place = dialogPlace(bot, user)
  if (user.isDeleted || place.dialog.isBlocked) return
  switch (reaction.kind) {
    case 'press':
      press(deps, person, bot, place, message)
      return
    case 'text':
      sendToBot(world, user, bot, { text: writePhrase(random.pick(person.profile.intents), random) })
      counts.answered += 1
      return
    case 'stop':
      sendToBot(world, user, bot, { text: writeStop(random) })
      person.askedToStop.add(bot.id)
      counts.stopped += 1
      return
    case 'block':
      blockBot(world, user, bot)
      counts.blocked += 1
      if (random.chance(0.2)) planUnblock(deps, person, bot)
      return
    case 'none':
      return
  }
}

function press(deps: PeopleDeps, person: Person, bot: SimBot, place: Place, message: Message): void {
  const buttons = (message.reply_markup?.inline_keyboard ?? [])
    .flat()
    .flatMap((button) => ('callback_data' in button ? [button.callback_data] : []))
  // The keyboard may have been edited away since the message was read.
  if (buttons.length === 0) return
  pressButton(deps.world, person.user, bot, place, message.message_id, pickButton(buttons, person.random))
  deps.counts.pressed += 1
}

/** Each further button is a third as likely as the one before: what comes first is what the message asks for. */
function pickButton(buttons: readonly string[], random: Random): string {
  const last = buttons.length - 1
  let index = 0
  while (index < last && random.chance(0.33)) index += 1
  return buttons[index] as string
}

function planUnblock(deps: PeopleDeps, person: Person, bot: SimBot): void {
  const { world, agenda, counts } = deps
  agenda.plan(world.clock.now() + Math.round(person.random.exponential(MEAN_UNBLOCK_MS)), () => {
    if (person.user.isDeleted || !dialogPlace(bot, person.user).dialog.isBlocked) return
    unblockBot(world, person.user, bot)
    counts.unblocked += 1
  })
}

/** Writes to the bot by own initiative, if the person still talks to it. */
export function writeToBot(deps: PeopleDeps, person: Person, bot: SimBot): void {
  const { dialog } = dialogPlace(bot, person.user)
  if (person.user.isDeleted || dialog.isBlocked || !dialog.isStarted || person.askedToStop.has(bot.id)) return
  const { random } = person
  sendToBot(deps.world, person.user, bot, { text: writePhrase(random.pick(person.profile.intents), random) })
  deps.counts.wrote += 1
}

/** Writes into a group, if the person is in it and may write. */
export function writeToChat(deps: PeopleDeps, person: Person, chat: SimChat): void {
  const member = findMember(chat, person.user.id, deps.world.clock.now())
  if (person.user.isDeleted || !isPresent(member) || member?.status === 'restricted') return
  if (chat.type === 'channel' || chat.isDeleted || chat.migratedTo !== undefined) return
  sendToChat(deps.world, person.user, chat, { text: writePhrase('chat', person.random) })
  deps.counts.chatted += 1
}
