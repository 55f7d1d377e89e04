import { Stack, Text, Title, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import { ForecastFigures } from './forecast-figures.tsx'

/** What would happen if it started now: who gets it, who waits, who is left out and why. */
export const CampaignForecast = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const scheme = useComputedColorScheme('light')
  const forecast = useQuery(query(api.campaigns.preview, { params: { id } }))
  if (forecast.isPending) return <Rows count={4} />
  if (forecast.isError) return <Fault error={forecast.error} onRetry={() => void forecast.refetch()} />
  const [sample] = forecast.data.samples
  return (
    <Stack>
      <Title order={2} size="h5">
        {t('campaigns.forecast')}
      </Title>
      <ForecastFigures forecast={forecast.data} />
      {sample !== undefined && (
        <Stack gap={4} maw={480}>
          <Text size="sm" c="dimmed">
            {t('campaigns.sample')}
          </Text>
          <TelegramBubble text={sample.trim()} scheme={scheme} />
        </Stack>
      )}
    </Stack>
  )
}
