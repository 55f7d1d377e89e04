import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMayOperate, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { AskReason } from './ask-reason.tsx'
import type { TenantDetail } from './tenant-detail.ts'

/** Days without money; pressed twice they are given once. */
const GiveDays = ({ tenant, onClose }: { tenant: TenantDetail; onClose: () => void }) => {
  const { t } = useTranslation()
  const { day } = useFormats(useZone())
  const queries = useQueryClient()
  const [days, setDays] = useState(30)
  const [requestId] = useState(() => crypto.randomUUID())
  const give = useMutation({
    mutationFn: () => call(api.tenants.extend, { params: { id: tenant.id }, body: { days, requestId } }),
    onSuccess: async ({ periodEndsAt }) => {
      if (periodEndsAt !== null) notifications.show({ message: t('installation.given', { until: day(periodEndsAt) }) })
      await queries.invalidateQueries()
      onClose()
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('installation.extend')}
      closeButtonProps={{ 'aria-label': t('installation.cancel') }}
    >
      <Stack>
        <Text>{t('installation.extendText', { name: tenant.name })}</Text>
        <NumberInput
          label={t('installation.days')}
          value={days}
          onChange={(value) => setDays(Number(value))}
          min={1}
          max={366}
          allowDecimal={false}
        />
        {give.isError && <Fault error={give.error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('installation.cancel')}
          </Button>
          <Button loading={give.isPending} disabled={days < 1} onClick={() => give.mutate()}>
            {t('installation.extend')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** What those who run the installation do to a tenant. */
export const TenantActions = ({ tenant }: { tenant: TenantDetail }) => {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [asked, ask] = useState<'state' | 'days' | 'open' | null>(null)
  const [mayActivate, mayExtend] = [useMayOperate('tenants.activate'), useMayOperate('licences.extend')]
  const act = tenant.state === 'active' ? 'suspend' : 'activate'
  const openScreens = async () => {
    queries.clear()
    await navigate({ to: '/', search: { tenant: String(tenant.id) } })
  }
  return (
    <Group gap="xs">
      <Button variant="default" onClick={() => ask('open')}>
        {t('installation.openScreens')}
      </Button>
      {mayExtend && tenant.periodEndsAt !== null && (
        <Button variant="default" onClick={() => ask('days')}>
          {t('installation.extend')}
        </Button>
      )}
      {mayActivate && (
        <Button variant={act === 'activate' ? 'filled' : 'default'} onClick={() => ask('state')}>
          {t(`installation.${act}`)}
        </Button>
      )}
      {asked === 'days' && <GiveDays tenant={tenant} onClose={() => ask(null)} />}
      {asked === 'open' && (
        <AskReason
          title={t('installation.openScreens')}
          text={t('installation.openSure', { name: tenant.name })}
          label={null}
          confirm={t('installation.openScreens')}
          perform={openScreens}
          onClose={() => ask(null)}
        />
      )}
      {asked === 'state' && (
        <AskReason
          title={t(`installation.${act}`)}
          text={t(`installation.${act}Sure`, { name: tenant.name, count: tenant.accounts.length })}
          label={t('installation.reason')}
          confirm={t(`installation.${act}`)}
          isGrave={act === 'suspend'}
          perform={(reason) =>
            call(api.tenants.setState, {
              params: { id: tenant.id },
              body: { state: act === 'suspend' ? 'suspended' : 'active', reason },
            })
          }
          onClose={() => ask(null)}
        />
      )}
    </Group>
  )
}
