import { z } from 'zod'
import { command, getBot, getChat, query } from '#simulator/control/control.ts'
import { id, nothing } from '#simulator/control/schemas.ts'
import { PROFILE_NAMES } from '#simulator/people/profiles.ts'

/** Virtual people. */
export const peopleControls = {
  populate: command(
    z.strictObject({
      count: z.number().int().min(1).max(100_000),
      botIds: z.array(id).min(1),
      chatIds: z.array(id).default([]),
      mix: z.partialRecord(z.enum(PROFILE_NAMES), z.number().min(0)).optional(),
      arriveWithinMs: z.number().min(0).optional(),
      payloads: z.array(z.string().regex(/^[\w-]{0,64}$/)).optional(),
    }),
    ({ people, world }, { botIds, chatIds, ...input }) => {
      const bots = botIds.map((botId) => getBot(world, botId))
      const chats = chatIds.map((chatId) => getChat(world, chatId))
      const added = people.populate({ ...input, bots, chats })
      return { people: added.map(({ user, profileName }) => ({ userId: user.id, profile: profileName })) }
    },
  ),
  getPeople: query(nothing, ({ people }) => {
    const profiles: Record<string, number> = {}
    for (const { profileName } of people.people()) profiles[profileName] = (profiles[profileName] ?? 0) + 1
    return { profiles, actions: people.counts }
  }),
  stopPeople: command(nothing, ({ people }) => {
    people.stop()
    return {}
  }),
}
