import { Alert, Badge, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useReason } from '../../lib/use-reason.ts'
import { type Account, HEALTH_COLOURS, STATE_COLOURS } from './account.ts'
import { AccountActions } from './account-actions.tsx'
import { HealthFigures } from './health-figures.tsx'

/** What keeps an account from sending as it could, each with its reason. */
const Hindrances = ({ account }: { account: Account }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const { stateReason, sendingStopped, waitingUntil } = account
  return (
    <>
      {stateReason !== null && (
        <Text size="sm">
          {t('accounts.because')}{' '}
          <bdi>{t(`accounts.reasons.${stateReason}`, { defaultValue: reasonText(stateReason) })}</bdi>
        </Text>
      )}
      {waitingUntil !== null && waitingUntil > session.now && (
        <Alert color="orange">{t('accounts.waiting', { at: formats.instant(waitingUntil) })}</Alert>
      )}
      {sendingStopped !== null && (
        <Alert color="red" title={t('accounts.sendingStopped')}>
          <bdi>{sendingStopped}</bdi>
        </Alert>
      )}
    </>
  )
}

/** How fast an account may send as things are. */
const Pace = ({ account: { pace, health } }: { account: Account }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const bounds = [
    ['perMinute', pace.perMinute],
    ['commercialPerDay', pace.commercialPerDay],
    ['outreachPerHour', pace.outreachPerHour],
    ['outreachPerDay', pace.outreachPerDay],
  ] as const
  const { warmUp, commercialToday } = health
  return (
    <Stack gap={4}>
      <Group gap="lg">
        {bounds.map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {t(`accounts.pace.${name}`)}
            </Text>
            <Text fw={600}>{value === null ? t('accounts.unbounded') : formats.number(value)}</Text>
          </div>
        ))}
        <div>
          <Text size="xs" c="dimmed">
            {t('accounts.pace.today')}
          </Text>
          <Text fw={600}>{formats.number(commercialToday)}</Text>
        </div>
      </Group>
      {warmUp !== null && (
        <Text size="sm">
          {t('accounts.warmUp', {
            day: formats.number(warmUp.day),
            today: warmUp.capToday === null ? t('accounts.unbounded') : formats.number(warmUp.capToday),
            tomorrow: warmUp.capTomorrow === null ? t('accounts.unbounded') : formats.number(warmUp.capTomorrow),
          })}
        </Text>
      )}
    </Stack>
  )
}

/** One account: how it is, why, and what can be done about it. */
export const AccountCard = ({ account }: { account: Account }) => {
  const { t } = useTranslation()
  const { displayName, username, kind, state, health } = account
  return (
    <Card withBorder component="section" aria-label={displayName} data-account={account.id} data-state={state}>
      <Stack gap="sm">
        <Group justify="space-between" align="start">
          <div>
            <Group gap="xs">
              <Title order={2} size="h5">
                <bdi>{displayName}</bdi>
              </Title>
              <Badge color={STATE_COLOURS[state]}>{t(`words:accountState.${state}`)}</Badge>
              <Badge color={HEALTH_COLOURS[health.state]} variant="outline">
                {t('accounts.health', { health: t(`words:health.${health.state}`) })}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              {t(`accounts.kinds.${kind}`)}
              {username !== null && (
                <>
                  {' · '}
                  <span dir="ltr">@{username}</span>
                </>
              )}
            </Text>
          </div>
          <AccountActions account={account} />
        </Group>
        <Hindrances account={account} />
        {state !== 'disconnected' && (
          <>
            <Pace account={account} />
            <HealthFigures account={account} />
          </>
        )}
      </Stack>
    </Card>
  )
}
