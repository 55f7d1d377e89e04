import { SimpleGrid, Stack, Table, Text, Title, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { instantOf } from '../../lib/wall-time.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import { ForecastFigures } from './forecast-figures.tsx'
import { useForecast } from './use-forecast.ts'
import type { WizardPartProps } from './wizard-part.ts'

/** All of it in words, who is left out and why, and the message as real people would read it. */
export const WizardReview = ({ draft, choices }: Pick<WizardPartProps, 'draft' | 'choices'>) => {
  const { t, i18n } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const scheme = useComputedColorScheme('light')
  const forecast = useForecast(draft, { withMessage: true })
  const templates = useQuery(query(api.templates.list, { query: { limit: 200 } }))
  const list = new Intl.ListFormat(i18n.language, { type: 'unit' })
  const nameOf = (id: number | null) => templates.data?.items.find((template) => template.id === id)?.name ?? '–'
  const whom = [
    ...draft.segments.map((segment) => t(`words:segment.${segment}`)),
    ...draft.own.map((id) => choices.own.find((segment) => segment.id === id)?.name ?? `#${id}`),
    ...draft.tags.map((tag) => `#${tag}`),
    ...draft.chats.map((id) => choices.chats.find((chat) => chat.id === id)?.title ?? t('campaigns.chat', { id })),
  ]
  const time = (wall: string, otherwise: string) => {
    const at = instantOf(wall, tenant.timeZone)
    return at === null ? otherwise : formats.instant(at)
  }
  const rows = [
    [t('wizard.name'), draft.name || '–'],
    [t('wizard.kind'), t(`words:campaignKind.${draft.kind}`)],
    [t('wizard.account'), choices.accounts.find(({ id }) => id === draft.accountId)?.name ?? '–'],
    [t('campaigns.audience'), whom.length > 0 ? list.format(whom) : t('campaigns.everybody')],
    [t('wizard.step.message'), list.format(draft.steps.map(({ templateId }) => nameOf(templateId)))],
    [t('wizard.startsAt'), time(draft.startsAt, t('wizard.atOnce'))],
    [t('wizard.endsAt'), time(draft.endsAt, t('wizard.noEnd'))],
    ...(draft.goalKind === null
      ? []
      : [[t('wizard.goal'), `${t(`words:campaignGoal.${draft.goalKind}`)}: ${formats.number(draft.goalTarget)}`]]),
  ]
  return (
    <Stack>
      <Table maw={640}>
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w="40%">
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <bdi>{value}</bdi>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {forecast.isPending && draft.accountId !== null && <Rows count={4} />}
      {forecast.isError && <Fault error={forecast.error} onRetry={() => void forecast.refetch()} />}
      {forecast.isSuccess && (
        <>
          <ForecastFigures forecast={forecast.data} />
          {forecast.data.samples.length > 0 && (
            <Stack gap="xs">
              <Title order={3} size="h6">
                {t('wizard.samples')}
              </Title>
              <Text size="sm" c="dimmed">
                {t('wizard.samplesHint')}
              </Text>
              <SimpleGrid cols={{ base: 1, md: 2 }}>
                {[...new Set(forecast.data.samples)].map((sample) => (
                  <TelegramBubble key={sample} text={sample.trim()} scheme={scheme} />
                ))}
              </SimpleGrid>
            </Stack>
          )}
        </>
      )}
    </Stack>
  )
}
