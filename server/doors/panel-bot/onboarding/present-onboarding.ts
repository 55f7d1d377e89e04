import { type OnboardingState, type PackageName, PACKAGES } from '#contract/words.ts'
import { packageOf } from '#server/modules/billing/index.ts'
import type { OnboardingView, PersonCommand } from '#server/modules/onboarding/index.ts'

import { packageCard } from '../customer/package-card.ts'
import { linkRows } from '../linking/link-rows.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { isolate, moneyText, momentText, say } from '../say.ts'
import type { Talk } from '../talk.ts'

interface Scene {
  readonly talk: Talk
  readonly view: OnboardingView
  /** Where Stars are paid, when it was just asked for. */
  readonly invoiceUrl: string | null
}

type Present = (scene: Scene) => {
  readonly text: string
  readonly rows: readonly (readonly PanelButton[])[]
}

const button = ({ talk, view }: Scene, label: string, action: string, ...args: readonly string[]): PanelButton => ({
  label: talk.t(label),
  action,
  args: [view.id, ...args],
  tenantId: 0,
})

/** One way back and one way out, where they exist. */
const wayOut = (scene: Scene): readonly PanelButton[] => {
  const offered = (command: PersonCommand) => scene.view.commands.includes(command)
  return [
    ...(offered('step_back') ? [button(scene, 'button.back', 'onb.back')] : []),
    ...(offered('cancel') ? [button(scene, 'button.giveUp', 'onb.cancel')] : []),
  ]
}

const isOffered = (name: PackageName, view: OnboardingView): boolean =>
  name === 'trial' ? !view.isTrialUsed : packageOf(name).priceMinor !== null

const choosing: Present = (scene) => {
  const { talk, view } = scene
  const offered = PACKAGES.filter((name) => isOffered(name, view))
  return {
    text: [talk.t('packages.title'), ...offered.map((name) => packageCard(talk, name))].join('\n\n'),
    rows: [
      ...offered.map((name) => [
        { label: talk.t(`words:package.${name}`), action: 'onb.pick', args: [view.id, name], tenantId: 0 },
      ]),
      wayOut(scene),
    ],
  }
}

const stepText = ({ talk, view }: Scene, key: string): string =>
  say(talk, key, {
    package: view.package === null ? '' : talk.t(`words:package.${view.package}`),
    price: view.price === null ? '' : moneyText(talk, view.price.amountMinor, view.price.currency),
  })

const wayRows = (scene: Scene): readonly (readonly PanelButton[])[] =>
  scene.view.ways.map((way) =>
    way.kind === 'link' ? [button(scene, 'button.payWeb', 'onb.web')] : [button(scene, 'button.stars', 'onb.stars')],
  )

const refusalOf = ({ talk, view }: Scene): readonly string[] =>
  view.refusal === null ? [] : [say(talk, 'onboarding.refused', { reason: isolate(view.refusal) })]

const selected: Present = (scene) => ({
  text: [
    ...refusalOf(scene),
    stepText(scene, 'onboarding.selected'),
    scene.view.ways.length === 0 ? scene.talk.t('licence.noWays') : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n'),
  rows: [...wayRows(scene), wayOut(scene)],
})

const pending: Present = (scene) => {
  const { talk, view, invoiceUrl } = scene
  const { payment } = view
  if (payment === null) return selected(scene)
  const amount = moneyText(talk, payment.asked.amountMinor, payment.asked.currency)
  const isTransfer = payment.provider === 'transfer'
  const url = invoiceUrl ?? payment.checkoutUrl
  return {
    text: [
      ...refusalOf(scene),
      say(talk, isTransfer ? 'onboarding.transfer' : 'onboarding.order', {
        amount,
        reference: payment.reference,
        until: momentText(talk, payment.expiresAt),
      }),
    ].join('\n\n'),
    rows: [
      payment.provider === 'stars' && url !== null ? [{ label: talk.t('button.payStars', { amount }), url }] : [],
      view.commands.includes('claim_payment') ? [button(scene, 'button.iHavePaid', 'onb.claim')] : [],
      ...wayRows(scene),
      [button(scene, 'button.refresh', 'onb.show')],
      wayOut(scene),
    ],
  }
}

const waiting =
  (key: string): Present =>
  (scene) => ({
    text: stepText(scene, key),
    rows: [[button(scene, 'button.refresh', 'onb.show')], wayOut(scene)],
  })

const checking: Present = (scene) => ({
  text: stepText(scene, 'onboarding.checking'),
  rows: [[button(scene, 'button.checkNow', 'onb.check')], wayOut(scene)],
})

const connecting: Present = (scene) => ({
  text: `${stepText(scene, 'onboarding.connect')}\n\n${scene.talk.t('linking.ways')}`,
  rows: [
    ...linkRows(scene.talk, scene.view.tenantId ?? 0),
    [button(scene, 'button.refresh', 'onb.show')],
    wayOut(scene),
  ],
})

const active: Present = ({ talk, view }) => {
  const tenantId = view.tenantId ?? 0
  const account = view.accountId
  return {
    text: talk.t('onboarding.active'),
    rows: [
      [{ label: talk.t('button.dashboard'), action: 'dash', tenantId }],
      account === null ? [] : [{ label: talk.t('button.mode'), action: 'mode.show', args: [account], tenantId }],
    ],
  }
}

const ended: Present = (scene) => ({
  text: scene.talk.t(`onboarding.ended.${scene.view.state}`),
  rows: [[{ label: scene.talk.t('button.begin'), action: 'onb.new', tenantId: 0 }]],
})

const SCREENS: Readonly<Record<OnboardingState, Present>> = {
  choosing,
  package_selected: selected,
  payment_pending: pending,
  payment_claimed: waiting('onboarding.claimed'),
  payment_approved: waiting('onboarding.approved'),
  account_connecting: connecting,
  profile_created: checking,
  active,
  cancelled: ended,
  expired: ended,
  failed: ended,
}

/** The screen of the step a person stands at. While an account is awaited, a pasted token is understood. */
export const presentOnboarding = (talk: Talk, view: OnboardingView, invoiceUrl: string | null = null): Reply => {
  const awaits =
    view.state === 'account_connecting' && view.tenantId !== null
      ? { awaits: { input: 'link.token', tenantId: view.tenantId, forMs: 60 * 60_000 } }
      : {}
  return { ...SCREENS[view.state]({ talk, view, invoiceUrl }), ...awaits, tenantId: 0 }
}
