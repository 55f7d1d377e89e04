import { Card, SimpleGrid } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { ReportDays } from '#contract/words.ts'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { HeatMap } from '../../ui/heat-map.tsx'
import { Failures } from './failures.tsx'
import { Funnel } from './funnel.tsx'
import { FunnelTable } from './funnel-table.tsx'
import { Variants } from './variants.tsx'

interface ReportPartsProps {
  readonly report: RouteOutput<typeof api.analytics.report>
  readonly days: ReportDays
}

/** The report of a period in which something happened. */
export const ReportParts = ({ report, days }: ReportPartsProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const fileOf = (name: string) => `${name}-${days}`
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <Funnel funnel={report.funnel} days={days} file={fileOf('funnel')} />
        </Card>
        <Card withBorder>
          <Failures failures={report.failures} file={fileOf('failures')} />
        </Card>
      </SimpleGrid>
      <Card withBorder>
        <HeatMap
          title={t('reports.week')}
          file={fileOf('hours')}
          slots={report.slots.map(({ weekday, hour, delivered }) => ({ weekday, hour, value: delivered }))}
          formats={formats}
          label={(value) => t('reports.deliveredIs', { value })}
        />
      </Card>
      <Card withBorder>
        <FunnelTable
          title={t('reports.bySegment')}
          file={fileOf('segments')}
          first={t('reports.segment')}
          rows={report.bySegment.map(({ segment, ...row }) => ({
            ...row,
            key: segment ?? '',
            name: segment === null ? t('reports.noSegment') : t(`words:segment.${segment}`),
            search: segment === null ? null : { segment },
          }))}
        />
      </Card>
      <Card withBorder>
        <FunnelTable
          title={t('reports.bySource')}
          file={fileOf('sources')}
          first={t('reports.source')}
          rows={report.bySource.map(({ source, ...row }) => ({
            ...row,
            key: source,
            name: t(`sources.${source}`),
            search: null,
          }))}
        />
      </Card>
      <Card withBorder>
        <Variants variants={report.variants} file={fileOf('variants')} />
      </Card>
    </>
  )
}
