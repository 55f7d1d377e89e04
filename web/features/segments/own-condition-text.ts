import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { type OwnCondition, unitOf } from './own-draft.ts'

/** A condition in words. */
export const useOwnConditionText = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  return (condition: OwnCondition): string => {
    if ('tag' in condition) return t(`ownSegments.said.tag.${condition.is}`, { tag: condition.tag })
    if ('consent' in condition)
      return t(`ownSegments.said.consent.${condition.is}`, { consent: t(`words:consent.${condition.consent}`) })
    if ('segment' in condition)
      return t(`ownSegments.said.segment.${condition.is}`, { segment: t(`words:segment.${condition.segment}`) })
    const { feature, op, value } = condition
    const name = t(`contact.feature.${feature}`)
    if (typeof value === 'boolean') return `${name}: ${t(value ? 'contact.yes' : 'contact.no')}`
    const amount = unitOf(feature) === 'percent' ? formats.ratio(value) : formats.number(value)
    return `${name}: ${t(`ownSegments.order.${op}`, { value: amount })}`
  }
}
