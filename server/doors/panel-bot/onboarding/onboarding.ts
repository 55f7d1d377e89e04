import { type PackageName, PACKAGES } from '#contract/words.ts'
import {
  type OnboardingView,
  cancelOnboarding,
  choosePackage,
  choosePaymentWay,
  claimOnboardingPayment,
  completeProfile,
  findOpenOnboarding,
  openOnboarding,
  stepBack,
  viewOnboarding,
} from '#server/modules/onboarding/index.ts'
import { createPageLink } from '#server/modules/tenancy/index.ts'

import type { PanelCommand, Written } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import type { Talk } from '../talk.ts'
import { presentOnboarding } from './present-onboarding.ts'

const SURFACE = 'bot' as const

const person = (talk: Talk) => ({ telegramId: talk.speaker.telegramId, surface: SURFACE })

/** The step of a person's onboarding that a button names. */
const step = (talk: Talk) => ({ onboardingId: Number(talk.args[0] ?? 0), ...person(talk) })

const begin = async (talk: Talk): Promise<Reply> => {
  const { name, locale } = talk.speaker
  const view = await openOnboarding(talk.deps.onboarding, { ...person(talk), name, locale }, talk.at)
  return presentOnboarding(talk, view)
}

/** Who is a customer already and has nothing open is asked before a second business is begun. */
const run = async (talk: Talk): Promise<Reply> => {
  const open = await findOpenOnboarding(talk.deps.onboarding, person(talk))
  if (open === null && talk.speaker.memberships.length > 0)
    return {
      text: talk.t('onboarding.customerAlready'),
      rows: [
        [{ label: talk.t('button.dashboard'), action: 'dash', tenantId: 0 }],
        [{ label: talk.t('button.another'), action: 'onb.new', tenantId: 0 }],
      ],
    }
  return begin(talk)
}

const show = async (talk: Talk): Promise<Reply> =>
  presentOnboarding(talk, await viewOnboarding(talk.deps.onboarding, step(talk)))

const choose = async (talk: Talk): Promise<Reply> => {
  const name: PackageName | undefined = PACKAGES.find((word) => word === talk.args[1])
  if (!name) return { toast: talk.t('refusal.stale') }
  const view = await choosePackage(talk.deps.onboarding, { ...step(talk), package: name }, talk.at)
  return presentOnboarding(talk, view)
}

const payStars = async (talk: Talk): Promise<Reply> => {
  const choice = { ...step(talk), provider: 'stars' } as const
  const { view, checkout } = await choosePaymentWay(talk.deps.onboarding, choice, talk.at)
  return presentOnboarding(talk, view, checkout.kind === 'page' ? checkout.url : null)
}

/** Everything but Stars is paid on a page of ours: Telegram's terms want it so. */
const payOnWeb = async (talk: Talk): Promise<Reply> => {
  const { db, publicUrl, onboarding: deps } = talk.deps
  const view = await viewOnboarding(deps, step(talk))
  if (publicUrl === null || view.isOver) return { toast: talk.t('refusal.stale') }
  const { telegramId, locale } = talk.speaker
  const { id: onboardingId, tenantId } = view
  const subject = { purpose: 'pay', telegramId, tenantId, onboardingId, locale } as const
  const link = await createPageLink(db, subject, talk.deps.pace.now())
  return {
    text: talk.t('onboarding.web'),
    rows: [
      [{ label: talk.t('button.openPage'), url: `${publicUrl}${link.path}` }],
      [{ label: talk.t('button.iHavePaid'), action: 'onb.show', args: [onboardingId], tenantId: 0 }],
    ],
  }
}

const askEvidence = (talk: Talk): Reply => ({
  text: talk.t('onboarding.evidence'),
  rows: [[{ label: talk.t('button.back'), action: 'onb.show', args: talk.args.slice(0, 1), tenantId: 0 }]],
  awaits: { input: 'onb.evidence', args: talk.args.slice(0, 1), forMs: 60 * 60_000 },
  tenantId: 0,
})

const claim = async (talk: Talk, { text, fileId }: Written): Promise<Reply> => {
  const evidence = { evidenceText: text === '' ? null : text, evidenceFileId: fileId }
  return presentOnboarding(
    talk,
    await claimOnboardingPayment(talk.deps.onboarding, { ...step(talk), ...evidence }, talk.at),
  )
}

/** Looks at the linked account again: what it lacks is said, and where it lacks nothing it is at work. */
const check = async (talk: Talk): Promise<Reply> => {
  const { view, check: result } = await completeProfile(talk.deps.onboarding, step(talk), talk.at)
  const shown = presentOnboarding(talk, view)
  return result === null || result.ok ? shown : { ...shown, toast: talk.t('onboarding.checkFailed') }
}

const back = async (talk: Talk): Promise<Reply> =>
  presentOnboarding(talk, await stepBack(talk.deps.onboarding, step(talk), talk.at))

const cancel = async (talk: Talk): Promise<Reply> =>
  presentOnboarding(talk, await cancelOnboarding(talk.deps.onboarding, step(talk), talk.at))

/** A payment in Stars came in: it has been written down before this answer. */
const paid = async (talk: Talk): Promise<Reply> => {
  const open: OnboardingView | null = await findOpenOnboarding(talk.deps.onboarding, person(talk))
  return {
    text: talk.t('onboarding.paid'),
    rows: [
      open === null
        ? [{ label: talk.t('button.licence'), action: 'lic', tenantId: 0 }]
        : [{ label: talk.t('button.goOn'), action: 'onb.show', args: [open.id], tenantId: 0 }],
    ],
    tenantId: 0,
  }
}

export const onboarding: PanelCommand = {
  key: 'onb',
  name: 'musteri_panel',
  aliases: ['customer', 'onboarding'],
  audience: 'anyone',
  about: 'command.onboarding',
  run,
  actions: {
    new: { run: begin },
    show: { run: show },
    pick: { run: choose },
    stars: { run: payStars },
    web: { run: payOnWeb },
    claim: { run: askEvidence },
    check: { run: check },
    back: { run: back },
    cancel: { confirm: (talk) => talk.t('onboarding.askCancel'), run: cancel },
    paid: { isTold: true, run: paid },
  },
  inputs: { evidence: { run: claim } },
}
