import type { Random } from '#server/base/random.ts'

import { type Dialog, type SeenButton, listButtons, listDialogs, pick, pickSome } from './dialogs.ts'
import type { Simulation } from './open-simulation.ts'
import type { Groups } from './settle-shop.ts'

const QUESTIONS = [
  'Atölye nerede acaba?',
  'Yarın açık mısınız',
  'Hediye paketi yapıyor musunuz?',
  'Kedim de gelebilir mi',
]
const CHATTER = ['Dünkü ders çok güzeldi', 'Yarın kimler geliyor?', 'Fotoğrafları gördünüz mü']
const SPAM = 'Garanti kazanç! Casino deneme bonusu: https://kazan.example'

export const TALK_KINDS = [
  'asked',
  'askedForPerson',
  'wantedToBuy',
  'checkouts',
  'paidAgain',
  'invitesAccepted',
  'invitesRefused',
  'joinedByLink',
  'rated',
  'mentions',
  'askedForRules',
  'chatted',
  'spammed',
  'joined',
] as const
export type TalkCounts = Record<(typeof TALK_KINDS)[number], number>

/** People who talk of an evening, beside those who live by themselves. */
export const TALKERS = 16

export interface Talks {
  readonly counts: TalkCounts
  /** What talkers wrote in private. */
  readonly written: () => number
  /** They come: each starts both bots. */
  arrive(): void
  /** They come into the group, and some of them go again. */
  gather(): void
  /** They begin something: a question, a wish to buy, words in the group. */
  act(): void
  /** They answer what stands before them: questions with buttons, invoices, links. */
  react(): void
}

/** Which answer people give to a question with buttons, and how likely they give one at all. */
const ANSWERS: readonly {
  readonly first: string
  readonly other: string
  readonly answering: number
  readonly saysFirst: number
}[] = [
  { first: 'consent_yes', other: 'consent_no', answering: 1, saysFirst: 0.95 },
  { first: 'ai_yes', other: 'ai_no', answering: 1, saysFirst: 0.9 },
  { first: 'invite_yes', other: 'invite_no', answering: 1, saysFirst: 0.5 },
  { first: 'rate', other: 'rate', answering: 0.8, saysFirst: 1 },
  { first: 'order_buy', other: 'order_buy', answering: 1, saysFirst: 1 },
]

const INVITATIONS = ANSWERS.filter(({ first }) => first === 'invite_yes')

/** People who talk with the bots beyond what their kind of person does by itself, by one seed. */
export const createTalks = (simulation: Simulation, groups: Groups, random: Random): Talks => {
  const { control } = simulation.simulator
  const talkers: number[] = []
  const counts = Object.fromEntries(TALK_KINDS.map((kind) => [kind, 0])) as TalkCounts
  const botIds = simulation.accounts.map(({ telegramId }) => telegramId)
  const names = botIds.map((botId) => control.getBot({ botId }).username)
  const seen = new Set<string>()
  let written = 0
  const chance = (share: number) => random.next() < share
  const isNew = (dialog: Dialog, messageId: number): boolean => {
    const key = `${dialog.botId}:${dialog.userId}:${messageId}`
    return !seen.has(key) && seen.add(key).size > 0
  }
  const write = ({ userId, botId }: Dialog, text: string) => {
    control.sendText({ userId, botId, text })
    written += 1
  }
  /** Most talkers say something to one of the bots. */
  const ask = () => {
    for (const dialog of pickSome(random, listDialogs(simulation, talkers), 9)) {
      const dice = random.next()
      if (dice < 0.07) {
        write(dialog, '/insan')
        counts.askedForPerson += 1
      } else if (dice < 0.45 && dialog.botId === botIds[0]) {
        write(dialog, 'Kitabı satın almak istiyorum')
        counts.wantedToBuy += 1
      } else {
        write(dialog, pick(random, QUESTIONS) ?? '')
        counts.asked += 1
      }
    }
  }
  const press = (button: SeenButton) => {
    const { userId, botId, messageId, label, action } = button
    control.press({ userId, botId, messageId, button: label })
    if (action === 'invite_yes') counts.invitesAccepted += 1
    if (action === 'invite_no') counts.invitesRefused += 1
    if (action === 'rate') counts.rated += 1
  }
  const answerQuestions = (dialog: Dialog, questions = ANSWERS) => {
    const buttons = listButtons(dialog)
    for (const { first, other, answering, saysFirst } of questions) {
      const question = buttons.find(({ action }) => action === first)
      if (!question || !isNew(dialog, question.messageId) || !chance(answering)) continue
      const wanted = chance(saysFirst) ? first : other
      const choices = buttons.filter((one) => one.messageId === question.messageId && one.action === wanted)
      const chosen = pick(random, choices)
      if (chosen) press(chosen)
    }
  }
  /** Who is in a hurry presses Pay twice before anybody answers. */
  const pay = (dialog: Dialog) => {
    const invoice = dialog.messages.findLast((message) => message.invoice)
    if (!invoice || !isNew(dialog, invoice.message_id) || !chance(0.9)) return
    const presses = counts.paidAgain === 0 || chance(0.3) ? 2 : 1
    const { userId, botId } = dialog
    for (let i = 0; i < presses; i += 1) control.payInvoice({ userId, botId, messageId: invoice.message_id })
    counts.checkouts += 1
    counts.paidAgain += presses - 1
  }
  const followLink = (dialog: Dialog) => {
    const offer = dialog.messages.findLast((message) => message.text?.includes('t.me/+') === true)
    const link = /https:\/\/t\.me\/\+\S+/.exec(offer?.text ?? '')?.[0]
    if (!offer || link === undefined || !isNew(dialog, offer.message_id) || !chance(0.8)) return
    control.join({ userId: dialog.userId, link })
    counts.joinedByLink += 1
  }
  const present = () => {
    const { members } = control.getChat({ chatId: groups.groupId })
    return talkers.filter((userId) => members[userId] === 'member')
  }
  const sayInGroup = (userId: number, text: string, kind: keyof TalkCounts) => {
    control.sendText({ userId, chatId: groups.groupId, text })
    counts[kind] += 1
  }
  const talkInGroup = () => {
    const [first, second, third, fourth] = pickSome(random, present(), 4)
    if (first) sayInGroup(first, `@${pick(random, names) ?? ''} yarın açık mısınız?`, 'mentions')
    if (second) sayInGroup(second, pick(random, CHATTER) ?? '', 'chatted')
    if (third && chance(0.6)) sayInGroup(third, SPAM, 'spammed')
    if (fourth && chance(0.4)) sayInGroup(fourth, '/kurallar', 'askedForRules')
  }
  return {
    counts,
    written: () => written,
    arrive() {
      for (let i = 0; i < TALKERS; i += 1) {
        const { id: userId } = control.createUser({ firstName: `Konuk ${i + 1}`, languageCode: 'tr' })
        talkers.push(userId)
        for (const botId of botIds) control.start({ userId, botId })
      }
    },
    gather() {
      const here = new Set(present())
      for (const userId of pickSome(random, [...here], here.size > 6 ? 3 : 0))
        control.leave({ userId, chatId: groups.groupId })
      const outside = talkers.filter((userId) => !here.has(userId))
      for (const userId of pickSome(random, outside, 4)) {
        control.join({ userId, chatId: groups.groupId })
        counts.joined += 1
      }
    },
    act() {
      ask()
      talkInGroup()
    },
    react() {
      for (const dialog of listDialogs(simulation, talkers)) {
        answerQuestions(dialog)
        pay(dialog)
        followLink(dialog)
      }
      // Everybody who is invited says what they think of it.
      const others = simulation.simulator.people.people().map(({ user }) => user.id)
      for (const dialog of listDialogs(simulation, others)) {
        answerQuestions(dialog, INVITATIONS)
        followLink(dialog)
      }
    },
  }
}
