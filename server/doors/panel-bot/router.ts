import { Composer, type Context } from 'grammy'

import { AppError } from '#server/base/errors.ts'
import type { PanelPerson } from '#server/modules/admin/index.ts'
import { findOpenOnboarding } from '#server/modules/onboarding/index.ts'
import type { Action } from '#server/modules/tenancy/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { type Admission, admit } from './admit.ts'
import { askConfirmation } from './ask-confirmation.ts'
import { BOT_TOKEN, hideTokens } from './bot-token.ts'
import { decodeCall } from './callback-codec.ts'
import { chooseTenant } from './choose-tenant.ts'
import type { PanelCommand } from './panel-command.ts'
import { presentRefusal, refusalText } from './present-refusal.ts'
import { findCommand, readCommand } from './read-command.ts'
import type { Reply } from './reply.ts'
import type { Talk } from './talk.ts'

/** grammY's context of one update, with the talk around it and the one reply that comes of it. */
export type PanelContext = Context & {
  readonly talk: Talk
  readonly awaiting: PanelPerson['awaiting']
  panelReply: Reply
}

const refusedBy = (talk: Talk, admission: Exclude<Admission, { readonly kind: 'in' | 'choose' }>): Reply => {
  const text = talk.t(`refusal.${admission.kind}`)
  if (talk.by === 'button') return { toast: talk.t(`refusal.${admission.kind}Toast`) }
  const rows = admission.kind === 'stranger' ? [[{ label: talk.t('button.begin'), action: 'onb', tenantId: 0 }]] : []
  return { text, rows }
}

/** Runs `work` on the tenant the speaker is admitted to, or says why not. */
const admitted = async (
  talk: Talk,
  spec: Pick<PanelCommand, 'audience'> & { readonly needs?: Action | undefined },
  tenantId: number,
  work: (talk: Talk) => Promise<Reply> | Reply,
  choose: () => Promise<Reply>,
): Promise<Reply> => {
  const admission = admit(spec, talk.speaker, tenantId)
  if (admission.kind === 'choose') return choose()
  if (admission.kind !== 'in') return refusedBy(talk, admission)
  const inside = { ...talk, tenant: admission.tenant }
  try {
    const reply = await work(inside)
    return { ...reply, tenantId: reply.tenantId ?? inside.tenant?.id ?? 0 }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.kind === 'internal')
      talk.deps.log.error({ err: error, reference: talk.reference }, 'a panel use case failed')
    return presentRefusal(inside, error)
  }
}

const runCommand = (talk: Talk, command: PanelCommand, tenantId: number): Promise<Reply> =>
  admitted(talk, command, tenantId, command.run, () => chooseTenant(talk, command))

const stale = (talk: Talk): Reply => ({ toast: talk.t('refusal.stale') })

/** A press: an old, foreign or malformed button gets a calm word, everything else its action. */
const answerPress = async (context: PanelContext, data: string): Promise<Reply> => {
  const { talk, awaiting } = context
  const call = decodeCall(data)
  if (call === null) return stale(talk)
  const [key = '', verb = ''] = call.action.split('.')
  const command = talk.commands.find((row) => row.key === key)
  if (!command) return stale(talk)
  const asked = { ...talk, args: call.args }
  if (verb === 'open') return runCommand(asked, command, call.tenantId)
  if (verb === 'choose') {
    const isKnown = admit(command, talk.speaker, 0).kind !== 'unknown'
    return isKnown ? chooseTenant(asked, command) : stale(talk)
  }
  const action = command.actions?.[verb]
  if (!action || action.isTold) return stale(talk)
  const isConfirmed = call.nonce !== ''
  if (isConfirmed && awaiting?.['confirm'] !== data) return { toast: talk.t('refusal.confirmExpired') }
  const spec = { audience: command.audience, needs: action.needs ?? command.needs }
  const work = async (inside: Talk): Promise<Reply> => {
    if (action.confirm === undefined || isConfirmed) return action.run(inside)
    const question = await action.confirm(inside)
    return askConfirmation(inside, { action: call.action, args: call.args, question })
  }
  return admitted(asked, spec, call.tenantId, work, async () => stale(talk))
}

/** The answer to a question; a wrong one is asked again. */
const answerInput = async (context: PanelContext, input: string): Promise<Reply> => {
  const { talk, awaiting, message } = context
  const [key = '', name = ''] = input.split('.')
  const command = talk.commands.find((row) => row.key === key)
  const spec = command?.inputs?.[name]
  if (!command || !spec) return nothingAsked(talk)
  const args = String(awaiting?.['args'] ?? '')
  const asked = { ...talk, args: args === '' ? [] : args.split(':') }
  const given = (message?.text ?? message?.caption ?? '').trim()
  // Only the question for a key takes one: it must not end up in a ticket, a claim or a search.
  const text = key === 'link' ? given : hideTokens(given)
  const fileId = message?.photo?.at(-1)?.file_id ?? message?.document?.file_id ?? null
  const run = async (inside: Talk): Promise<Reply> => {
    try {
      return await spec.run(inside, { text, fileId })
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'invalid') throw error
      return {
        text: `${escapeText(refusalText(inside, error))}\n\n${talk.t('awaits.again')}`,
        awaits: { input, args: asked.args },
      }
    }
  }
  const needs = spec.needs ?? command.needs
  return admitted(asked, { audience: command.audience, needs }, Number(awaiting?.['tenantId'] ?? 0), run, async () =>
    nothingAsked(talk),
  )
}

const nothingAsked = (talk: Talk): Reply => ({
  text: talk.t('unknown.text'),
  rows: [[{ label: talk.t('button.menu'), action: 'help', tenantId: 0 }]],
})

const unknownCommand = (talk: Talk): Reply => ({
  text: talk.t('unknown.command'),
  rows: [[{ label: talk.t('button.menu'), action: 'help', tenantId: 0 }]],
})

/** The tenant it is for: the one that was asked about last, the one that waits for an account, or the only one. */
const answerManagedBot = async ({ talk, awaiting }: PanelContext, botId: number): Promise<Reply> => {
  const command = talk.commands.find((row) => row.key === 'link')
  const made = command?.actions?.['made']
  if (!command || !made) return {}
  const { telegramId } = talk.speaker
  const open = await findOpenOnboarding(talk.deps.onboarding, { telegramId })
  const tenantId = Number(awaiting?.['tenantId'] ?? 0) || (open?.tenantId ?? 0)
  const asked = { ...talk, args: [String(botId)] }
  return admitted(asked, { audience: command.audience, needs: command.needs }, tenantId, made.run, async () =>
    nothingAsked(talk),
  )
}

const answerText = async (context: PanelContext): Promise<Reply> => {
  const { talk, awaiting, message } = context
  const text = message?.text ?? ''
  const typed = readCommand(text, talk.panel.username)
  if (typed) {
    const command = findCommand(talk.commands, typed.name)
    if (!command) return unknownCommand(talk)
    const told = { ...talk, args: typed.args.map(hideTokens) }
    // To those it is not for, an operator's command does not exist.
    if (admit(command, talk.speaker, 0).kind === 'unknown') return unknownCommand(talk)
    return runCommand(told, command, 0)
  }
  const input = awaiting?.['input']
  if (typeof input === 'string') return answerInput(context, input)
  if (BOT_TOKEN.test(text)) return answerInput(context, 'link.token')
  return nothingAsked(talk)
}

/** Everything the panel bot answers in private chats, one composer for all: it keeps nothing between two updates. */
export const createRouter = (): Composer<PanelContext> => {
  const router = new Composer<PanelContext>()
  router.on('callback_query:data', async (context) => {
    context.panelReply = await answerPress(context, context.callbackQuery.data)
  })
  router.on('managed_bot', async (context) => {
    context.panelReply = await answerManagedBot(context, context.managedBot.bot.id)
  })
  router.on('message:successful_payment', async (context) => {
    const command = context.talk.commands.find((row) => row.key === 'onb')
    const paid = command?.actions?.['paid']
    if (paid) context.panelReply = await paid.run(context.talk)
  })
  router
    .on('message')
    .filter(({ message }) => !message.refunded_payment && !message.managed_bot_created)
    .use(async (context) => {
      context.panelReply = await answerText(context)
    })
  return router
}
