import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { MODEL_PURPOSES, type ReportDays } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { DaysChoice } from '../../ui/days-choice.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { usageOption } from './usage-option.ts'

/** What questions to the model cost, by day and what they were for. */
export const ModelUsage = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const [days, setDays] = useState<ReportDays>(30)
  const usage = useQuery(query(api.llm.usage, { query: { days } }))
  if (usage.isPending) return <Rows count={4} />
  if (usage.isError) return <Fault error={usage.error} onRetry={() => void usage.refetch()} />
  const { data } = usage
  const names = MODEL_PURPOSES.map((purpose) => t(`words:modelPurpose.${purpose}`))
  return (
    <Stack gap="xs">
      <DaysChoice value={days} onChange={setDays} />
      <ChartOrTable
        title={t('model.usage')}
        option={usageOption(data.days, MODEL_PURPOSES, names)}
        columns={[t('model.day'), t('model.purpose'), t('model.questions'), t('model.answered'), t('model.tokens')]}
        rows={data.days.map((row) => [
          row.day,
          t(`words:modelPurpose.${row.purpose}`),
          row.questions,
          row.answered,
          row.inputTokens + row.outputTokens,
        ])}
        file="model-usage"
      />
      {data.days.length === 0 && <Text c="dimmed">{t('model.noUsage')}</Text>}
      <Group gap="lg">
        {data.outcomes.map(({ outcome, questions }) => (
          <Text key={outcome} size="sm">
            {t(`model.ending.${outcome}`, { defaultValue: t(`words:modelRefusal.${outcome}`) })}:{' '}
            <b>{formats.number(questions)}</b>
          </Text>
        ))}
      </Group>
      {data.latencyMs !== null && (
        <Text size="sm" c="dimmed">
          {t('model.latencies', {
            median: formats.number(data.latencyMs.median),
            p95: formats.number(data.latencyMs.p95),
          })}
        </Text>
      )}
    </Stack>
  )
}
