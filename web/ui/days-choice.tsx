import { SegmentedControl } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { REPORT_DAYS, type ReportDays } from '#contract/words.ts'

import type { Search } from '../lib/search.ts'

const DEFAULT: ReportDays = 30

/** How many days back a report looks, as its address says it. */
export const daysIn = (search: Search): ReportDays =>
  REPORT_DAYS.find((days) => days === Number(search['days'])) ?? DEFAULT

interface DaysChoiceProps {
  readonly value: ReportDays
  readonly onChange: (days: ReportDays) => void
}

export const DaysChoice = ({ value, onChange }: DaysChoiceProps) => {
  const { t } = useTranslation()
  return (
    <SegmentedControl
      aria-label={t('days.label')}
      value={String(value)}
      onChange={(chosen) => onChange(REPORT_DAYS.find((days) => String(days) === chosen) ?? DEFAULT)}
      data={REPORT_DAYS.map((days) => ({ value: String(days), label: t('days.last', { count: days }) }))}
    />
  )
}
