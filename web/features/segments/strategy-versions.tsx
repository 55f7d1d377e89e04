import { Badge, Button, Stack, Table, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import { Fault } from '../../ui/fault.tsx'
import { type Strategy, useStrategyText } from './strategy-text.ts'

const COLUMNS = ['version', 'strategy', 'changed', 'restoring'] as const

interface StrategyVersionsProps {
  /** Newest first. */
  readonly versions: readonly Strategy[]
  readonly mayEdit: boolean
}

/** What held before, who changed it, and a way back: restoring makes a new version. */
export const StrategyVersions = ({ versions, mayEdit }: StrategyVersionsProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const strategyText = useStrategyText()
  const whose = useWhose()
  const queries = useQueryClient()
  const current = versions[0]?.version ?? 0
  const restore = useMutation({
    mutationFn: ({ segment, version }: Strategy) =>
      call(api.strategies.restore, { params: { segment }, body: { version, expectedVersion: current } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {t('segments.versions')}
      </Title>
      {restore.isError && <Fault error={restore.error} />}
      <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={640}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map((name) => (
                <Table.Th key={name}>{t(`segments.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((row) => (
              <Table.Tr key={row.version}>
                <Table.Td>{row.version}</Table.Td>
                <Table.Td>{strategyText(row)}</Table.Td>
                <Table.Td>
                  {t('segments.changedBy', { at: formats.instant(row.createdAt), who: whose(row.changedBy) })}
                </Table.Td>
                <Table.Td>
                  {row.version === current ? (
                    <Badge variant="default">{t('segments.inForce')}</Badge>
                  ) : (
                    mayEdit && (
                      <Button
                        variant="default"
                        size="xs"
                        aria-label={t('segments.restoreVersion', { version: row.version })}
                        loading={restore.isPending && restore.variables.version === row.version}
                        onClick={() => restore.mutate(row)}
                      >
                        {t('segments.restore')}
                      </Button>
                    )
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}
