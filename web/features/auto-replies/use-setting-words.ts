import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import type { Settings } from './replies.ts'

/** The settings that are listed, in their order; a price is told with its currency. */
export const LISTED = [
  'productPriceMinor',
  'inviteRatio',
  'groupIntensity',
  'draftLifeMinutes',
  'holdingMessage',
  'confidenceMin',
  'sendsFollowUps',
] as const satisfies readonly (keyof Settings)[]

/** What a setting is set to, in words. */
export const useSettingWords = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  return (settings: Settings): Readonly<Record<(typeof LISTED)[number], string>> => ({
    productPriceMinor: formats.money(settings.productPriceMinor.value, settings.productCurrency.value),
    inviteRatio: formats.ratio(settings.inviteRatio.value),
    groupIntensity: t(`words:groupIntensity.${settings.groupIntensity.value}`),
    draftLifeMinutes: t('autoReplies.minutes', { minutes: formats.number(settings.draftLifeMinutes.value) }),
    holdingMessage: settings.holdingMessage.value || t('autoReplies.nothing'),
    confidenceMin: formats.ratio(settings.confidenceMin.value),
    sendsFollowUps: t(settings.sendsFollowUps.value ? 'autoReplies.on' : 'autoReplies.off'),
  })
}
