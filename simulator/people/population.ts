import { createAgenda } from '#simulator/people/agenda.ts'
import {
  type ActionCounts,
  localTime,
  type PeopleDeps,
  type Person,
  receiveMessage,
  startPerson,
  writeToBot,
  writeToChat,
} from '#simulator/people/person.ts'
import { DEFAULT_MIX, PROFILE_NAMES, type ProfileName, PROFILES } from '#simulator/people/profiles.ts'
import { createPersonName, createUsername } from '#simulator/people/texts.ts'
import type { Random } from '#simulator/random.ts'
import { joinChat, leaveChat } from '#simulator/world/membership.ts'
import { isPresent } from '#simulator/world/members.ts'
import type { SimBot, SimChat, World } from '#simulator/world/types.ts'
import { createUser } from '#simulator/world/users.ts'

export type PopulationInput = {
  readonly count: number
  /** Bots the people may start; the first is everyone's, each further one is started by a third. */
  readonly bots: readonly SimBot[]
  /** Chats they may join; each joins every one with a chance of one half. */
  readonly chats?: readonly SimChat[]
  /** Weights of the profiles; what is absent keeps its default. */
  readonly mix?: Readonly<Partial<Record<ProfileName, number>>> | undefined
  /** Starts and joins are spread over this time from now, ms. One hour by default. */
  readonly arriveWithinMs?: number | undefined
  /** Deep-link payloads the starts carry, picked at random; none by default. */
  readonly payloads?: readonly string[] | undefined
}

export type Population = {
  /** Adds people to the world and lets them live; the same seed and clock give the same lives. */
  readonly populate: (input: PopulationInput) => readonly Person[]
  readonly people: () => readonly Person[]
  readonly counts: Readonly<ActionCounts>
  /** Everyone falls silent: what was planned is forgotten, messages are no longer noticed. */
  readonly stop: () => void
}

const DAY_MS = 86_400_000
const ISTANBUL_OFFSET_MINUTES = 180
/** Members who leave a chat do so after a stay of this mean. */
const MEAN_STAY_MS = 120 * DAY_MS

/** Creates the virtual people of a world. They see what bots send through an observer and act on the world's clock. */
export function createPopulation(world: World, random: Random): Population {
  const counts = { started: 0, pressed: 0, answered: 0, wrote: 0, chatted: 0, stopped: 0, blocked: 0, unblocked: 0 }
  const deps: PeopleDeps = {
    world,
    agenda: createAgenda(world.clock),
    counts,
    utcOffsetMinutes: ISTANBUL_OFFSET_MINUTES,
  }
  const people = new Map<number, Person>()
  world.observers.add({
    messageAccepted(bot, place, message) {
      if (place.kind !== 'dialog') return
      const person = people.get(place.chatId)
      if (person) receiveMessage(deps, person, bot, message)
    },
  })
  return {
    people: () => [...people.values()],
    counts,
    populate(input) {
      const added = Array.from({ length: input.count }, () =>
        createPerson(world, random, people.size, input.mix, people),
      )
      for (const person of added) planLife(deps, person, input)
      return added
    },
    stop() {
      people.clear()
      deps.agenda.stop()
    },
  }
}

function createPerson(
  world: World,
  random: Random,
  serial: number,
  mix: PopulationInput['mix'],
  people: Map<number, Person>,
): Person {
  const own = random.fork(`person/${serial}`)
  const profileName = pickProfile(own, { ...DEFAULT_MIX, ...mix })
  const profile = PROFILES[profileName]
  const { firstName, lastName } = createPersonName(own)
  const user = createUser(world, {
    firstName,
    lastName,
    username: own.chance(0.5) ? createUsername(firstName, serial) : undefined,
    languageCode: own.chance(0.92) ? 'tr' : own.pick(['en', 'ru', 'ar', 'de']),
    isPremium: own.chance(profile.premium),
  })
  const person = { user, profileName, profile, random: own, received: new Map(), askedToStop: new Set<number>() }
  people.set(user.id, person)
  return person
}

function pickProfile(random: Random, mix: Readonly<Record<ProfileName, number>>): ProfileName {
  const total = PROFILE_NAMES.reduce((sum, name) => sum + mix[name], 0)
  let left = random.next() * total
  for (const name of PROFILE_NAMES) {
    left -= mix[name]
    if (left < 0) return name
  }
  return 'casual'
}

/** Plans arrival, and a rhythm of writing for those who write unasked. */
function planLife(deps: PeopleDeps, person: Person, input: PopulationInput): void {
  const { world, agenda } = deps
  const { random, profile } = person
  const now = world.clock.now()
  const arrive = (): number => now + Math.round(random.next() * (input.arriveWithinMs ?? 3_600_000))
  input.bots.forEach((bot, index) => {
    if (index > 0 && !random.chance(1 / 3)) return
    const payload = input.payloads && input.payloads.length > 0 ? random.pick(input.payloads) : ''
    const startsAt = arrive()
    agenda.plan(startsAt, () => startPerson(deps, person, bot, payload))
    planRhythm(deps, person, startsAt, profile.initiative, () => writeToBot(deps, person, bot))
  })
  for (const chat of input.chats ?? []) {
    if (!random.chance(0.5)) continue
    const joinsAt = arrive()
    agenda.plan(joinsAt, () => void joinChat(world, person.user, chat))
    agenda.plan(joinsAt + Math.round(random.exponential(MEAN_STAY_MS)), () => {
      if (isPresent(chat.members.get(person.user.id))) leaveChat(world, person.user, chat)
    })
    planRhythm(deps, person, joinsAt, profile.chatter, () => writeToChat(deps, person, chat))
  }
}

/** Repeats an act about `perDay` times a day, at hours the person is awake: a thinned Poisson process. */
function planRhythm(deps: PeopleDeps, person: Person, from: number, perDay: number, act: () => void): void {
  if (perDay <= 0) return
  const { random, profile } = person
  const awake = profile.hours.reduce((sum, weight) => sum + weight, 0) / 24
  const next = (after: number): void => {
    const at = after + Math.max(1000, Math.round(random.exponential((DAY_MS / perDay) * awake)))
    deps.agenda.plan(at, () => {
      if (random.chance(profile.hours[localTime(at, deps.utcOffsetMinutes).hour] ?? 0)) act()
      next(at)
    })
  }
  next(from)
}
