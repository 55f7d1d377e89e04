import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type PostSchedule = RouteOutput<typeof api.posts.list>['items'][number]['schedule']

const MONDAY = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000

/** The short name of a weekday, 1 for Monday, in the language of the screen. */
export const useWeekday = () => {
  const { i18n } = useTranslation()
  const names = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' })
  return (day: number): string => names.format(MONDAY + (day - 1) * DAY_MS)
}

/** When something is posted, in words. */
export const useScheduleText = () => {
  const { t } = useTranslation()
  const weekday = useWeekday()
  return (schedule: PostSchedule): string => {
    switch (schedule.kind) {
      case 'every':
        return t('posts.every', { count: schedule.hours })
      case 'daily':
        return t('posts.daily', { times: schedule.times.join(', ') })
      case 'weekly':
        return t('posts.weekly', {
          days: schedule.weekdays.map(weekday).join(', '),
          times: schedule.times.join(', '),
        })
    }
  }
}
