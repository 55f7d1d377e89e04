import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { CodeField } from './code-field.tsx'

type Secret = RouteOutput<typeof api.secondFactor.enrol>

/** Black on white in every scheme: readers need the contrast. */
const QrCode = ({ size, path }: Secret['qr']) => {
  const { t } = useTranslation()
  return (
    <svg role="img" aria-label={t('security.qr')} viewBox={`0 0 ${size} ${size}`} width={220} height={220}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  )
}

const FirstCode = ({ secret, onDone }: { secret: Secret; onDone: (codes: readonly string[]) => void }) => {
  const { t } = useTranslation()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => call(api.secondFactor.confirm, { body: { code } }),
    onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        confirm.mutate()
      }}
    >
      <Stack>
        <Text>{t('security.scan')}</Text>
        <QrCode {...secret.qr} />
        <Text size="sm">
          {t('security.byHand')}{' '}
          <code dir="ltr" data-testid="secret" style={{ overflowWrap: 'anywhere' }}>
            {secret.secret}
          </code>
        </Text>
        <CodeField label={t('security.firstCode')} value={code} onChange={setCode} error={confirm.error} />
        <Group>
          <Button type="submit" disabled={code.trim() === ''} loading={confirm.isPending}>
            {t('security.turnOn')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Sets an authenticator app up: its secret first, then the first code of it. */
export const Enrolment = ({ onDone }: { onDone: (codes: readonly string[]) => void }) => {
  const { t } = useTranslation()
  const begin = useMutation({ mutationFn: () => call(api.secondFactor.enrol, {}) })
  return (
    <Card withBorder>
      <Stack>
        <Title order={2} size="h4">
          {t('security.offTitle')}
        </Title>
        <Text>{t('security.offText')}</Text>
        {begin.isError && <Fault error={begin.error} />}
        {begin.data ? (
          <FirstCode secret={begin.data} onDone={onDone} />
        ) : (
          <Group>
            <Button loading={begin.isPending} onClick={() => begin.mutate()}>
              {t('security.begin')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
