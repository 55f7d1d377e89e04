import { type ExportChat, type ExportPeer } from './export-format.rules.ts'
import type { ExportItem } from './read-export.ts'

/** What has to be known of a whole export before its first message can be written. */
export interface ExportSurvey {
  readonly ownerId: number | null
  /** By their place in the file, of each chat: whom a name stands for, if for one person only. */
  readonly names: readonly ReadonlyMap<string, number | null>[]
  /** People who are bots by what they wrote. */
  readonly bots: ReadonlySet<number>
  readonly people: number
  readonly chats: number
  readonly messages: number
  readonly unreadable: number
  readonly firstAt: number | null
  readonly lastAt: number | null
}

/** Reads an export through: this checks the file whole, and learns who is who. Memory grows with people, not messages. */
export const surveyExport = async (items: AsyncIterable<ExportItem>): Promise<ExportSurvey> => {
  const survey = {
    ownerId: null as number | null,
    names: [] as Map<string, number | null>[],
    bots: new Set<number>(),
    chats: 0,
    messages: 0,
    unreadable: 0,
    firstAt: null as number | null,
    lastAt: null as number | null,
  }
  const people = new Set<number>()
  let chat: ExportChat = { kind: 'none' }
  const meet = (peer: ExportPeer, name: string): void => {
    if (peer === null || peer === 'chat') return
    if (chat.kind === 'private' && peer.userId !== chat.partnerId) survey.ownerId ??= peer.userId
    people.add(peer.userId)
    const names = survey.names.at(-1)
    if (name === '' || !names) return
    const other = names.get(name)
    names.set(name, other === undefined || other === peer.userId ? peer.userId : null)
    if (isBotName(name)) survey.bots.add(peer.userId)
  }
  for await (const item of items) {
    if (item.type === 'owner') survey.ownerId = item.userId
    else if (item.type === 'person') people.add(item.person.userId)
    else if (item.type === 'unreadable') survey.unreadable += 1
    else if (item.type === 'chat') {
      chat = item.chat
      survey.names.push(new Map())
      if (chat.kind !== 'none') survey.chats += 1
    } else if (item.type === 'entry' && chat.kind !== 'none') {
      const { entry } = item
      survey.firstAt = Math.min(survey.firstAt ?? entry.at, entry.at)
      survey.lastAt = Math.max(survey.lastAt ?? entry.at, entry.at)
      if (entry.type === 'service') meet(entry.actor, entry.actorName)
      else {
        survey.messages += 1
        meet(entry.from, entry.fromName)
        for (const reaction of entry.reactions) meet({ userId: reaction.userId }, reaction.name)
        if (entry.isBot && entry.from !== null && entry.from !== 'chat') survey.bots.add(entry.from.userId)
      }
    }
  }
  if (survey.ownerId !== null) people.delete(survey.ownerId)
  for (const bot of survey.bots) people.delete(bot)
  return { ...survey, people: people.size }
}

/** An export does not tell bots from people; by custom their names say it. Who is taken for one is merely left out. */
const isBotName = (name: string): boolean => /(?:bot|Bot|BOT)$/.test(name)
