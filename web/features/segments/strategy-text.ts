import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type Strategy = RouteOutput<typeof api.strategies.list>['items'][number]

/** A strategy as one reads it. */
export const useStrategyText = () => {
  const { t } = useTranslation()
  return ({ enabled, maxPerDay, cooldownHours, hours, style }: Strategy): string =>
    enabled
      ? t('segments.strategyIs', {
          perDay: maxPerDay,
          cooldown: cooldownHours,
          hours: hours.map((hour) => `${hour}:00`).join(' · '),
          style: t(`words:style.${style}`),
        })
      : t('segments.off')
}
