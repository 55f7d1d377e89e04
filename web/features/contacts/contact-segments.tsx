import { Badge, Group, List, Progress, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { type Formats, useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type Held = RouteOutput<typeof contract.contacts.explainSegments>['segments'][number]
type Condition = Held['conditions'][number]

const SIGNS: Readonly<Record<string, string>> = { '>=': '≥', '<=': '≤' }

const useConditionText = (formats: Formats) => {
  const { t } = useTranslation()
  return ({ feature, op, threshold, without, input }: Condition): string => {
    if (without !== null) return t('contact.without', { segment: t(`words:segment.${without}`) })
    const say = (value: number | null): string => {
      if (value === null) return t('contact.never')
      if (feature === 'isPremium') return t(value === 1 ? 'contact.yes' : 'contact.no')
      return feature === 'nightShare' ? formats.ratio(value) : formats.number(Math.round(value * 10) / 10)
    }
    const bound = [SIGNS[op ?? ''] ?? op, say(threshold)].join(' ')
    return t('contact.condition', { feature: t(`contact.feature.${feature}`), input: say(input), bound })
  }
}

/** The segments the person holds at this moment, how sure that is, and why. */
export const ContactSegments = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const conditionText = useConditionText(formats)
  const explained = useQuery(query(api.contacts.explainSegments, { params: { id } }))
  if (explained.isPending) return <Rows count={3} />
  if (explained.isError) return <Fault error={explained.error} onRetry={() => void explained.refetch()} />
  const { primary, segments } = explained.data
  const held = segments
    .filter(({ confidence }) => confidence !== null)
    .toSorted((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0))
  if (held.length === 0) return <Text c="dimmed">{t('contact.noSegment')}</Text>
  return (
    <Stack>
      {held.map(({ segment, confidence, source, conditions, opinion }) => (
        <div key={segment}>
          <Group gap="xs">
            <Text fw={600}>{t(`words:segment.${segment}`)}</Text>
            {segment === primary && <Badge variant="default">{t('contact.primary')}</Badge>}
            <Text size="sm" c="dimmed">
              {t('contact.confidence', {
                confidence: formats.number(confidence ?? 0),
                source: t(`words:assignmentSource.${source}`),
              })}
            </Text>
          </Group>
          <Progress value={confidence ?? 0} size="sm" my={4} aria-label={t(`words:segment.${segment}`)} />
          <List size="sm">
            {conditions
              .filter(({ passed }) => passed)
              .map((condition) => (
                <List.Item key={`${condition.feature}${condition.op}${condition.without}`}>
                  {conditionText(condition)}
                </List.Item>
              ))}
            {opinion !== null && opinion.reason !== null && (
              <List.Item>
                <bdi>{opinion.reason}</bdi>
              </List.Item>
            )}
          </List>
        </div>
      ))}
    </Stack>
  )
}
