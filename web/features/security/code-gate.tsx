import { Button, Card, Center, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { CodeField } from './code-field.tsx'

/** Stands before the panel until the session has given the code it owes. */
export const CodeGate = () => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [code, setCode] = useState('')
  const pass = useMutation({
    mutationFn: () => call(api.secondFactor.pass, { body: { code } }),
    onSuccess: () => queries.resetQueries(),
  })
  const leave = useMutation({
    mutationFn: () => call(api.sessions.end, {}),
    onSettled: () => queries.resetQueries(),
  })
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder w="100%" maw={420} p="lg">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            pass.mutate()
          }}
        >
          <Stack>
            <Title order={1} size="h3">
              {t('security.gate')}
            </Title>
            <Text>{t('security.gateText')}</Text>
            <CodeField
              label={t('security.code')}
              hint={t('security.orRecovery')}
              value={code}
              onChange={setCode}
              error={pass.error}
            />
            <Button type="submit" disabled={code.trim() === ''} loading={pass.isPending}>
              {t('security.enter')}
            </Button>
            <Button variant="subtle" loading={leave.isPending} onClick={() => leave.mutate()}>
              {t('devices.signOut')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('security.lost')} <code dir="ltr">gavatcore operators reset-second-factor</code>
            </Text>
          </Stack>
        </form>
      </Card>
    </Center>
  )
}
