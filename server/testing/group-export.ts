import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { type Random, seededRandom } from '#server/base/random.ts'

const names = (text: string) => text.split(' ')
const FIRST_NAMES = names(
  'Ayşe Mehmet Zeynep Mustafa Elif Ahmet Fatma Emre Merve Burak Esra Can Büşra Kerem Derya Ozan Gizem Hakan İrem Onur Selin Tolga Şeyma Uğur Ceren Volkan Nazlı Serkan Pınar Yusuf',
)
const LAST_NAMES = names(
  'Yılmaz Kaya Demir Çelik Şahin Yıldız Öztürk Aydın Özdemir Arslan Doğan Kılıç Çetin Koç Güneş Aksoy Ünal',
)
const TEXTS = [
  'Günaydın arkadaşlar',
  'Bugün hava çok güzel, pazara gidiyorum',
  'Teşekkürler, elinize sağlık 🌷',
  'Kargo dün geldi, çok memnun kaldım',
  'Bence de öyle',
  'Yarın açık mısınız?',
  'Fotoğrafı görünce bayıldım 😍',
  'Ben geçen hafta aldım, tavsiye ederim',
  'Akşama canlı yayın var mı?',
  'İğne oyası olanı kaldı mı?',
  'Şu mavi olan ne güzel duruyor',
]
const PRICE_TEXTS = ['Fiyatı ne kadar acaba?', 'İndirim olacak mı bu hafta?', 'Kaça satıyorsunuz?', 'Taksit var mı?']
const EMOJI = ['👍', '❤', '🔥', '😁', '👏']

/** How one kind of member behaves: counts are for the whole time, hours are local. */
interface Habit {
  readonly people: number
  readonly messages: number
  readonly reactions: number
  readonly hours: readonly number[]
  readonly joinedDaysAgo: number
  readonly silentForDays: number
  /** Share of messages that ask about money. */
  readonly priceRatio: number
}

const DAYTIME = [9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 20, 21]
const NIGHT = [22, 23, 23, 0, 1, 2]
const USUAL = { hours: DAYTIME, silentForDays: 0, priceRatio: 0.02 }
const HABITS = {
  core: { ...USUAL, people: 6, messages: 190, reactions: 60, joinedDaysAgo: 90 },
  regular: { ...USUAL, people: 22, messages: 60, reactions: 12, joinedDaysAgo: 85 },
  night: { ...USUAL, people: 5, messages: 55, reactions: 8, joinedDaysAgo: 80, hours: NIGHT, priceRatio: 0 },
  bargain: { ...USUAL, people: 6, messages: 20, reactions: 4, joinedDaysAgo: 60, priceRatio: 0.6 },
  gone: { ...USUAL, people: 8, messages: 12, reactions: 1, joinedDaysAgo: 88, silentForDays: 40 },
  reader: { ...USUAL, people: 8, messages: 0, reactions: 6, joinedDaysAgo: 70 },
  newcomer: { ...USUAL, people: 5, messages: 3, reactions: 1, joinedDaysAgo: 5 },
} as const satisfies Record<string, Habit>

/** A member of the made group, and how it behaves there. */
export interface GroupMember {
  readonly telegramId: number
  readonly name: string
  readonly habit: keyof typeof HABITS
}

interface Reaction {
  readonly by: GroupMember
  readonly at: number
  readonly emoji: string
}

interface Post {
  readonly by: GroupMember
  readonly at: number
  readonly kind: 'join' | 'text' | 'link' | 'photo'
  readonly text: string
  readonly isEdited: boolean
  readonly isReply: boolean
  readonly reactions: Reaction[]
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T

const MEMBERS: readonly GroupMember[] = Object.entries(HABITS)
  .flatMap(([habit, { people }]) => Array.from({ length: people }, () => habit as GroupMember['habit']))
  .map((habit, i) => ({
    telegramId: 700_000_001 + i,
    name: `${FIRST_NAMES[i % FIRST_NAMES.length]} ${LAST_NAMES[(i * 7) % LAST_NAMES.length]}`,
    habit,
  }))

/** Türkiye keeps one offset all year; Telegram Desktop writes the local time of its computer. */
const OFFSET_MS = 3 * HOUR_MS

/** An instant of somebody's habit, before `endAt`. */
const instantOf = (random: Random, habit: Habit, endAt: number): number => {
  const today = Math.floor((endAt + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS
  const days = habit.joinedDaysAgo - habit.silentForDays - 1
  const daysAgo = habit.silentForDays + 1 + Math.floor(random.next() * days)
  const seconds = Math.floor(random.next() * 3_600)
  return today - daysAgo * DAY_MS + pick(random, habit.hours) * HOUR_MS + seconds * SECOND_MS
}

const postsOf = (random: Random, by: GroupMember, endAt: number): Post[] => {
  const habit: Habit = HABITS[by.habit]
  const joinedAt = endAt - habit.joinedDaysAgo * DAY_MS - Math.floor(random.next() * 600) * SECOND_MS
  const join: Post = { by, at: joinedAt, kind: 'join', text: '', isEdited: false, isReply: false, reactions: [] }
  const posts = Array.from({ length: habit.messages }, (): Post => {
    const asksPrice = random.next() < habit.priceRatio
    const chance = random.next()
    return {
      by,
      at: instantOf(random, habit, endAt),
      kind: chance < 0.05 ? 'photo' : chance < 0.08 ? 'link' : 'text',
      text: pick(random, asksPrice ? PRICE_TEXTS : TEXTS),
      isEdited: random.next() < 0.04,
      isReply: random.next() < 0.25,
      reactions: [],
    }
  })
  return [join, ...posts]
}

/** Each reacts to others' messages while being an active member; nobody twice to the same one. */
const addReactions = (random: Random, posts: readonly Post[], endAt: number): void => {
  const said = posts.filter(({ kind }) => kind !== 'join')
  for (const by of MEMBERS) {
    const habit: Habit = HABITS[by.habit]
    const seen = said.filter(
      (post) =>
        post.by !== by &&
        post.at > endAt - habit.joinedDaysAgo * DAY_MS &&
        post.at < endAt - (habit.silentForDays + 1) * DAY_MS,
    )
    for (let given = 0; given < habit.reactions && seen.length > 0; given += 1) {
      const post = seen.splice(Math.floor(random.next() * seen.length), 1)[0] as Post
      post.reactions.push({ by, at: post.at + Math.ceil(random.next() * 40) * MINUTE_MS, emoji: pick(random, EMOJI) })
    }
  }
}

const wallTime = (at: number): string => new Date(at + OFFSET_MS).toISOString().slice(0, 19)
const unixTime = (at: number): string => String(Math.floor(at / SECOND_MS))
const whoIs = ({ name, telegramId }: GroupMember) => ({ from: name, from_id: `user${telegramId}` })

const renderReactions = (reactions: readonly Reaction[]) =>
  [...new Set(reactions.map(({ emoji }) => emoji))].map((emoji) => {
    const recent = reactions.filter((reaction) => reaction.emoji === emoji)
    return {
      type: 'emoji',
      count: recent.length,
      emoji,
      recent: recent.map(({ by, at }) => ({ ...whoIs(by), date: wallTime(at) })),
    }
  })

const renderPost = (random: Random, post: Post, id: number): object => {
  const { by, at, kind, text, reactions } = post
  const head = { id, type: kind === 'join' ? 'service' : 'message', date: wallTime(at), date_unixtime: unixTime(at) }
  if (kind === 'join') {
    const actor = { actor: by.name, actor_id: `user${by.telegramId}` }
    return { ...head, ...actor, action: 'join_group_by_link', inviter: 'Group', text: '', text_entities: [] }
  }
  const editedAt = at + 2 * MINUTE_MS
  const entities =
    kind === 'link'
      ? [
          { type: 'plain', text: `${text} ` },
          { type: 'link', text: 'https://ornek.example/yeni' },
        ]
      : [{ type: 'plain', text }]
  return {
    ...head,
    ...(post.isEdited && { edited: wallTime(editedAt), edited_unixtime: unixTime(editedAt) }),
    ...whoIs(by),
    ...(post.isReply && { reply_to_message_id: id - 1 - Math.floor(random.next() * 10) }),
    ...(kind === 'photo' && { photo: '(File not included. Change data exporting settings to download.)' }),
    text: kind === 'link' ? entities.map((part) => (part.type === 'plain' ? part.text : part)) : text,
    text_entities: entities,
    ...(reactions.length > 0 && { reactions: renderReactions(reactions) }),
  }
}

/**
 * A `result.json` as Telegram Desktop writes it for one supergroup of sixty people with Turkish names, ninety days up to
 * `endAt` (epoch ms): joins, three thousand messages, replies, edits, reactions. The same `seed` tells the same story.
 */
export const makeGroupExport = (endAt: number, seed = 1) => {
  const random = seededRandom(seed)
  const posts = MEMBERS.flatMap((member) => postsOf(random, member, endAt)).toSorted((a, b) => a.at - b.at)
  addReactions(random, posts, endAt)
  const messages = posts.map((post, i) => renderPost(random, post, 1_001 + i))
  const text = JSON.stringify(
    { name: 'Çarşı Sohbet 💬', type: 'private_supergroup', id: 2_134_567_890, messages },
    null,
    1,
  )
  return { text, members: MEMBERS, messages: posts.length - MEMBERS.length }
}
