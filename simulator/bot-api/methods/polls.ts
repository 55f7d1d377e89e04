import type { Message, Poll } from '@grammyjs/types'
import type { Args, Call, Handlers } from '#simulator/bot-api/call.ts'
import { readFormattedText } from '#simulator/bot-api/entities/read-text.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { readReplyMarkup } from '#simulator/bot-api/read-reply-markup.ts'
import { resolveTarget } from '#simulator/bot-api/resolve-business.ts'
import { sendContent } from '#simulator/bot-api/send-message.ts'
import { createName } from '#simulator/world/create-world.ts'
import { findMessage } from '#simulator/world/messages.ts'

const MAX_QUESTION = 300
const MAX_OPTION = 100
const MAX_OPTIONS = 12

function readOption(call: Call, option: Args<'sendPoll'>['options'][number], index: number): Poll['options'][number] {
  const { text: source, text_parse_mode: mode, text_entities: given } = option
  const { text, entities } = readFormattedText(call.world, source, mode, given)
  if (text === '') throw badRequest('poll options must be non-empty')
  if (text.length > MAX_OPTION) throw badRequest(`poll options length must not exceed ${MAX_OPTION}`)
  const shown = { persistent_id: String(index), text, voter_count: 0 }
  return entities.length === 0 ? shown : { ...shown, text_entities: entities }
}

function readPoll(call: Call, args: Args<'sendPoll'>): Poll {
  const { text: question } = readFormattedText(
    call.world,
    args.question,
    args.question_parse_mode,
    args.question_entities,
  )
  if (question === '') throw badRequest('poll question must be non-empty')
  if (question.length > MAX_QUESTION) throw badRequest(`poll question length must not exceed ${MAX_QUESTION}`)
  if (args.options.length < 1) throw badRequest('poll must have at least 1 option')
  if (args.options.length > MAX_OPTIONS) throw badRequest(`poll can't have more than ${MAX_OPTIONS} options`)
  const isQuiz = args.type === 'quiz'
  const correct = args.correct_option_ids ?? []
  if (isQuiz && (correct.length === 0 || correct.some((id) => !(id >= 0 && id < args.options.length)))) {
    throw badRequest('wrong correct option identifier specified')
  }
  return {
    id: createName(call.world, 19),
    question,
    options: args.options.map((option, index) => readOption(call, option, index)),
    total_voter_count: 0,
    is_closed: args.is_closed ?? false,
    is_anonymous: args.is_anonymous ?? true,
    type: args.type ?? 'regular',
    allows_multiple_answers: args.allows_multiple_answers ?? false,
    allows_revoting: args.allows_revoting ?? !isQuiz,
    members_only: args.members_only ?? false,
    ...(isQuiz && { correct_option_ids: correct }),
  }
}

export const pollMethods = {
  sendPoll: (call, args) => sendContent<Message.PollMessage>(call, args, 'poll', { poll: readPoll(call, args) }),
  stopPoll(call, args) {
    const place = resolveTarget(call, args, 'edit')
    const message = findMessage(place, args.message_id)
    if (!message) throw badRequest('message with poll to stop not found')
    if (!message.poll || (message.sender_business_bot ?? message.from)?.id !== call.bot.id)
      throw badRequest("poll can't be stopped")
    if (message.poll.is_closed) throw badRequest('poll has already been closed')
    message.poll.is_closed = true
    const markup = readReplyMarkup(args.reply_markup)
    if (markup) message.reply_markup = markup
    return message.poll
  },
} satisfies Handlers
