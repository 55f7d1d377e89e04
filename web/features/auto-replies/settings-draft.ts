import type { GroupIntensity } from '#contract/words.ts'

import { minorOf } from './price.ts'
import type { Settings } from './replies.ts'

/** What the form holds, as people write it: lira and percents. An emptied field is an empty text. */
export interface SettingsDraft {
  readonly price: number | string
  readonly currency: string
  readonly invitePercent: number | string
  readonly groupIntensity: GroupIntensity
  readonly draftLifeMinutes: number | string
  readonly confidencePercent: number | string
  readonly holdingMessage: string
  readonly sendsFollowUps: boolean
}

const percentOf = (ratio: number): number => Math.round(ratio * 1_000) / 10
/** What was chosen for the account stays chosen, also where the package holds it back. */
const chosenOf = <T>({ chosen, value }: { readonly chosen: T | null; readonly value: T }): T => chosen ?? value

export const settingsDraftOf = (settings: Settings): SettingsDraft => ({
  price: settings.productPriceMinor.value / 100,
  currency: settings.productCurrency.value,
  invitePercent: percentOf(chosenOf(settings.inviteRatio)),
  groupIntensity: chosenOf(settings.groupIntensity),
  draftLifeMinutes: settings.draftLifeMinutes.value,
  confidencePercent: percentOf(settings.confidenceMin.value),
  holdingMessage: settings.holdingMessage.value,
  sendsFollowUps: settings.sendsFollowUps.value,
})

/** An emptied field becomes what no range holds, so that the server says which range that is. */
const numberOf = (written: number | string): number => (written === '' ? -1 : Number(written))
const ratioOf = (written: number | string): number => (written === '' ? -1 : Number(written) / 100)

/** What of the draft is another than what is saved, as the server takes it. */
export const changeOf = (draft: SettingsDraft, saved: SettingsDraft) => ({
  ...((draft.price !== saved.price || draft.currency !== saved.currency) && {
    productPriceMinor: minorOf(draft.price) ?? -1,
    productCurrency: draft.currency.trim().toUpperCase(),
  }),
  ...(draft.invitePercent !== saved.invitePercent && { inviteRatio: ratioOf(draft.invitePercent) }),
  ...(draft.groupIntensity !== saved.groupIntensity && { groupIntensity: draft.groupIntensity }),
  ...(draft.draftLifeMinutes !== saved.draftLifeMinutes && { draftLifeMinutes: numberOf(draft.draftLifeMinutes) }),
  ...(draft.confidencePercent !== saved.confidencePercent && { confidenceMin: ratioOf(draft.confidencePercent) }),
  ...(draft.holdingMessage !== saved.holdingMessage && { holdingMessage: draft.holdingMessage }),
  ...(draft.sendsFollowUps !== saved.sendsFollowUps && { sendsFollowUps: draft.sendsFollowUps }),
})
