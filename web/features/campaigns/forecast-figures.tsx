import { Alert, Stack, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useReason } from '../../lib/use-reason.ts'

type Forecast = Pick<RouteOutput<typeof api.campaigns.preview>, 'steps' | 'holds' | 'lastAt'>

/** How many would get it, when the last one does, and who waits or is left out and why. */
export const ForecastFigures = ({ forecast: { steps, holds, lastAt } }: { forecast: Forecast }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const sum = (pick: (step: (typeof steps)[number]) => number) => steps.reduce((total, step) => total + pick(step), 0)
  const reasons = steps.flatMap(({ step, deferred, refused }) => [
    ...Object.entries(deferred).map(([reason, count]) => ['deferred', reason, count, step] as const),
    ...Object.entries(refused).map(([reason, count]) => ['refused', reason, count, step] as const),
  ])
  const leaves = sum(({ sent, deferred }) => sent + Object.values(deferred).reduce((all, count) => all + count, 0))
  return (
    <Stack gap="sm">
      {holds.map((reason) => (
        <Alert key={reason} color="yellow">
          {t('campaigns.heldBy', { reason: reasonText(reason) })}
        </Alert>
      ))}
      <Text>
        {t('campaigns.wouldGo', {
          sent: formats.number(sum(({ sent }) => sent)),
          total: formats.number(sum(({ total }) => total)),
        })}{' '}
        {leaves > 0 &&
          (lastAt === null ? t('campaigns.neverLands') : t('campaigns.lands', { at: formats.instant(lastAt) }))}
      </Text>
      {reasons.length > 0 && (
        <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={300}>
          <Table
            data={{
              head: [
                ...(steps.length > 1 ? [t('campaigns.step')] : []),
                t('campaigns.state'),
                t('campaigns.reason'),
                t('campaigns.people'),
              ],
              body: reasons.map(([state, reason, count, step]) => [
                ...(steps.length > 1 ? [formats.number(step + 1)] : []),
                t(`words:deliveryState.${state}`),
                reasonText(reason),
                formats.number(count),
              ]),
            }}
          />
        </Table.ScrollContainer>
      )}
    </Stack>
  )
}
