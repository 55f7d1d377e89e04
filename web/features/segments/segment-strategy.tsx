import { Anchor, Card, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { SEGMENTS } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { StrategyForm } from './strategy-form.tsx'
import { useStrategyText } from './strategy-text.ts'
import { StrategyVersions } from './strategy-versions.tsx'

const screen = getRouteApi('/segments/$segment')

/** How the people of one segment are written to: what holds, what held before, and a form to change it. */
export const SegmentStrategy = () => {
  const { t } = useTranslation()
  const given = screen.useParams().segment
  const segment = SEGMENTS.find((known) => known === given) ?? 'HOT_LEAD'
  const mayEdit = useMay('strategies.edit')
  const strategyText = useStrategyText()
  const versions = useQuery(query(api.strategies.listVersions, { params: { segment } }))
  if (versions.isPending) return <Rows />
  if (versions.isError) return <Fault error={versions.error} onRetry={() => void versions.refetch()} />
  const [current] = versions.data.items
  return (
    <Stack>
      <Anchor renderRoot={(props) => <Link to="/segments" {...props} />} size="sm">
        {t('segments.back')}
      </Anchor>
      <Title order={1} size="h3">
        {t(`words:segment.${segment}`)}
      </Title>
      {current === undefined ? (
        <EmptyState title={t('segments.none')} next={t('segments.noneNext')} />
      ) : (
        <>
          <Text>{strategyText(current)}</Text>
          {mayEdit && (
            <Card withBorder>
              <StrategyForm key={current.version} strategy={current} />
            </Card>
          )}
          <StrategyVersions versions={versions.data.items} mayEdit={mayEdit} />
        </>
      )}
    </Stack>
  )
}
