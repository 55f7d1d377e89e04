import { SLOT_STATES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  SLOT_REVIEWS,
  type SlotSample,
  type SlotVerdict,
  type WrittenSlot,
  changeSlotReview,
  decideSlot,
  findSlotReview,
  listSlots,
  sampleSlots,
  writeSlots,
} from '#server/modules/conversations/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { askingDeps } from '../asking-deps.ts'
import type { CommandInput } from '../command-input.ts'
import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { manyLines, renderTable } from '../present/table.ts'
import { resolveContact } from '../resolve-contact.ts'
import { paint } from '../terminal.ts'
import { resolveTemplate } from './templates.ts'

const ANY_ID = Number.MAX_SAFE_INTEGER

const renderSlots = (context: CliContext, slots: readonly WrittenSlot[]): string => {
  const { t, terminal, formats, now } = context
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.contact'), value: (row) => row.contactId, align: 'right' },
      { title: t('slots.template'), value: (row) => row.template },
      { title: t('slots.slot'), value: (row) => row.slot },
      { title: t('column.state'), value: (row) => t(`words:slotState.${row.state}`) },
      { title: t('column.due'), value: (row) => formats.relative(row.dueAt, now()) },
      {
        title: t('drafts.against'),
        value: (row) => row.findings.map((finding) => t(`words:answerFinding.${finding}`)).join(', '),
      },
      { title: t('drafts.text'), value: (row) => row.text ?? t('drafts.gone') },
    ],
    slots,
    t('slots.none'),
  )
}

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: SLOT_STATES.join('|') },
    { name: 'delivery', value: 'id' },
    { name: 'limit', value: 'n' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.read(async (tx) => {
      const [state, deliveryId] = [input.oneOf('state', SLOT_STATES), input.whole('delivery', 1, ANY_ID)]
      const limit = input.whole('limit', 1, 500) ?? 50
      return listSlots(
        tx,
        { ...(state && { state }), ...(deliveryId && { deliveryId }), limit },
        await actingMember(tx, context, input),
      )
    }),
  render: renderSlots,
})

const decide = (context: CliContext, input: CommandInput, decision: SlotVerdict['decision']) =>
  context.change(async (tx) => {
    const actor = await actingMember(tx, context, input)
    const decided: WrittenSlot[] = []
    for (const slot of input.rest('slots')) {
      if (!/^\d{1,15}$/.test(slot))
        throw invalid('whole_number_expected', 'slots', { given: slot, min: 1, max: ANY_ID })
      decided.push(await decideSlot(tx, { slotId: Number(slot), decision }, actor))
    }
    return decided
  })

const SLOTS = [{ name: 'slots', variadic: true }] as const

const approve = command({
  name: 'approve',
  args: SLOTS,
  options: [MEMBER_OPTION],
  run: (context, input) => decide(context, input, 'approve'),
  render: renderSlots,
})

const reject = command({
  name: 'reject',
  args: SLOTS,
  options: [MEMBER_OPTION],
  run: (context, input) => decide(context, input, 'reject'),
  render: renderSlots,
})

const write = command({
  name: 'write',
  run: async (context) => writeSlots(await askingDeps(context), (await context.tenant()).id),
  render: ({ t }, { stoppedBy, ...summary }) =>
    stoppedBy === null
      ? t('slots.written', { ...summary })
      : t('slots.stopped', { ...summary, why: t(`words:modelRefusal.${stoppedBy}`) }),
})

const renderSample = ({ t, terminal }: CliContext, { variant, slots, text }: SlotSample): string =>
  [
    paint(terminal, 'bold', variant),
    manyLines(text),
    ...slots
      .filter(({ findings }) => findings.length > 0)
      .map(({ slot, findings }) => {
        const why = findings.map((finding) => t(`words:answerFinding.${finding}`)).join(', ')
        return paint(terminal, 'yellow', t('slots.fallbackIn', { slot, why }))
      }),
  ].join('\n')

const sample = command({
  name: 'sample',
  args: [{ name: 'template' }, { name: 'contact' }],
  options: [{ name: 'account', value: 'id', required: true }, MEMBER_OPTION],
  run: async (context, input) => {
    const deps = await askingDeps(context)
    const accountId = input.whole('account', 1, ANY_ID) ?? 0
    const { request, actor } = await context.read(async (tx) => ({
      request: {
        templateId: (await resolveTemplate(tx, input.arg('template'))).id,
        contactId: (await resolveContact(tx, input.arg('contact'))).id,
        accountId,
      },
      actor: await actingMember(tx, context, input),
    }))
    return sampleSlots(deps, (await context.tenant()).id, request, actor)
  },
  render: (context, { samples, stoppedBy }) =>
    [
      ...samples.map((one) => renderSample(context, one)),
      ...(stoppedBy === null
        ? samples.length === 0
          ? [context.t('slots.noSlots')]
          : []
        : [context.t('slots.noSample', { why: context.t(`words:modelRefusal.${stoppedBy}`) })]),
    ].join('\n\n'),
})

const review = command({
  name: 'review',
  args: [{ name: 'review', optional: true }],
  options: [MEMBER_OPTION],
  run: async (context, input) => {
    if (input.findArg('review') === null) return { review: await context.read((tx) => findSlotReview(tx)) }
    const chosen = input.argOf('review', SLOT_REVIEWS)
    return {
      review: await context.change(async (tx) => changeSlotReview(tx, chosen, await actingMember(tx, context, input))),
    }
  },
  render: ({ t }, { review: chosen }) => t(`slots.review.${chosen}`),
})

export const slots: CommandGroup = { name: 'slots', commands: [list, approve, reject, write, sample, review] }
