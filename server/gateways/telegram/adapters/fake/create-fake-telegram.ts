import type { Clock } from '#server/base/clock.ts'

import type { ChatCard, MemberCard, TelegramDirectory } from '../../directory.ts'
import type { TelegramSender } from '../../sender.ts'
import { createFakeDirectory } from './fake-directory.ts'
import type { FakeChat } from './fake-directory.ts'
import { type FakeFiles, createFakeFiles } from './fake-files.ts'
import { createFakeManagedBots } from './fake-managed-bots.ts'
import type { FakeManagedBots } from './fake-managed-bots.ts'
import { type FakeModeration, createFakeModeration } from './fake-moderation.ts'
import { createFakeSender } from './fake-sender.ts'
import { createFakeUpdateFeed } from './fake-update-feed.ts'
import type { FakeUpdateFeed } from './fake-update-feed.ts'
import { createFakeWorld } from './fake-world.ts'
import type { FakeMessage, FakeWorld } from './fake-world.ts'

export interface FakeTelegram extends Pick<FakeWorld, 'refuse' | 'refuseToken' | 'failNext'> {
  readonly sender: TelegramSender
  readonly directory: TelegramDirectory
  readonly updateFeed: FakeUpdateFeed
  readonly managedBots: FakeManagedBots
  readonly moderation: FakeModeration
  readonly files: FakeFiles
  /** Accepted messages, oldest first, whether or not their answer came back. */
  readonly messages: readonly FakeMessage[]
  /** Puts a chat in place for the directory. */
  addChat(card: ChatCard, members?: readonly MemberCard[]): FakeChat
  /** A press on a button that waits for `answerCallback`. */
  pressButton(callbackId: string): void
}

export interface FakeTelegramOptions {
  readonly clock: Clock
  /** Time between acceptance and answer on that clock, in milliseconds; 0. */
  readonly latencyMs?: number
}

/** A Telegram in memory for unit tests: everybody is reachable, everything succeeds, until a test says otherwise. */
export const createFakeTelegram = ({ clock, latencyMs = 0 }: FakeTelegramOptions): FakeTelegram => {
  const world = createFakeWorld()
  const chats = new Map<number, FakeChat>()
  const openCallbacks = new Set<string>()
  const updateFeed = createFakeUpdateFeed(clock, world)
  return {
    sender: createFakeSender({ clock, world, latencyMs, openCallbacks }),
    directory: createFakeDirectory(world, chats),
    updateFeed,
    managedBots: createFakeManagedBots(world, updateFeed),
    moderation: createFakeModeration(world, chats),
    files: createFakeFiles(world),
    messages: world.messages,
    refuse: (chatId, reason, newChatId) => world.refuse(chatId, reason, newChatId),
    refuseToken: (token, reason) => world.refuseToken(token, reason),
    failNext: (script) => world.failNext(script),
    addChat(card, members = []) {
      const chat = {
        card,
        members: new Map(members.map((member) => [member.userId, member])),
        joinRequests: new Set<number>(),
        inviteLinks: [],
        revokedLinks: new Set<string>(),
      }
      chats.set(card.chatId, chat)
      return chat
    },
    pressButton: (callbackId) => void openCallbacks.add(callbackId),
  }
}
