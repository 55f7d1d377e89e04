import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { CsvButton } from '../../ui/csv-button.tsx'

type Variant = RouteOutput<typeof api.analytics.report>['variants'][number]

interface VariantsProps {
  readonly variants: readonly Variant[]
  readonly file: string
}

const COLUMNS = ['template', 'variant', 'delivered', 'clicked', 'answered', 'converted', 'range', 'lead'] as const

/** The wordings of each template beside each other, and whether one is ahead by more than chance. */
export const Variants = ({ variants, file }: VariantsProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const rangeOf = ({ answerInterval: { low, high }, delivered }: Variant) =>
    delivered === 0 ? '–' : `${formats.ratio(low)} – ${formats.ratio(high)}`
  const leadOf = ({ lead, isProven }: Variant) =>
    lead === null ? '' : t(isProven ? 'reports.proven' : 'reports.chance', { value: formats.ratio(lead.value) })
  const columns = COLUMNS.map((name) => t(`reports.${name}`))
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {t('reports.variants')}
        </Title>
        <CsvButton
          title={t('reports.variants')}
          file={file}
          columns={columns}
          rows={variants.map((row) => [
            row.template,
            row.variant,
            row.delivered,
            row.clicked,
            row.answered,
            row.converted,
            rangeOf(row),
            leadOf(row),
          ])}
        />
      </Group>
      {variants.length === 0 ? (
        <Text c="dimmed">{t('reports.noVariants')}</Text>
      ) : (
        <Table.ScrollContainer
          minWidth={720}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('reports.variants') } }}
        >
          <Table>
            <Table.Thead>
              <Table.Tr>
                {columns.map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {variants.map((row) => (
                <Table.Tr key={`${row.templateId} ${row.variant}`}>
                  <Table.Td>
                    <bdi>{row.template}</bdi>
                  </Table.Td>
                  <Table.Td>
                    <bdi>{row.variant}</bdi>
                  </Table.Td>
                  {(['delivered', 'clicked', 'answered', 'converted'] as const).map((step) => (
                    <Table.Td key={step}>{formats.number(row[step])}</Table.Td>
                  ))}
                  <Table.Td>
                    <bdi>{rangeOf(row)}</bdi>
                  </Table.Td>
                  <Table.Td>
                    {row.lead !== null && (
                      <Badge variant="light" color={row.isProven ? 'teal' : 'gray'} c="var(--mantine-color-text)">
                        {leadOf(row)}
                      </Badge>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Text size="xs" c="dimmed">
        {t('reports.variantsHint')}
      </Text>
    </Stack>
  )
}
