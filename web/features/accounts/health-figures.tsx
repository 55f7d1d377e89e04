import { Stack, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import type { Account } from './account.ts'

/** How a strained account comes back. */
const WayBack = ({ account: { health } }: { account: Account }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  if (health.state === 'normal') return null
  const { since, nextStepAt, fullSpeedAt } = health
  return (
    <Stack gap={2}>
      {since !== null && <Text size="sm">{t('accounts.since', { at: formats.instant(since) })}</Text>}
      <Text size="sm">
        {nextStepAt === null || fullSpeedAt === null
          ? t('accounts.notClean')
          : t('accounts.wayBack', { next: formats.instant(nextStepAt), full: formats.instant(fullSpeedAt) })}
      </Text>
    </Stack>
  )
}

/** The figures an account is judged by, and from where on they slow it or stop it. */
export const HealthFigures = ({ account }: { account: Account }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const shown = (value: number, sends: number | null) => (sends === null ? formats.number(value) : formats.ratio(value))
  return (
    <Stack gap="xs">
      <WayBack account={account} />
      <Table.ScrollContainer
        minWidth={480}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('accounts.figures') } }}
      >
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {['figure', 'value', 'counted', 'slowAt', 'stopAt'].map((name) => (
                <Table.Th key={name}>{t(`accounts.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {account.health.evidence.map(({ name, value, count, sends, slowAt, stopAt, isTooEarly }) => (
              <Table.Tr key={name}>
                <Table.Td>{t(`accounts.figureOf.${name}`)}</Table.Td>
                <Table.Td>{isTooEarly ? t('accounts.tooEarly') : shown(value, sends)}</Table.Td>
                <Table.Td>
                  {sends === null
                    ? formats.number(count)
                    : t('accounts.countedOf', { count: formats.number(count), sends: formats.number(sends) })}
                </Table.Td>
                <Table.Td>{shown(slowAt, sends)}</Table.Td>
                <Table.Td>{shown(stopAt, sends)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}
