import { Anchor, Button, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'

/** What whoever is not signed in sees: the ways in that this installation has. */
export const SignIn = () => {
  const { t } = useTranslation()
  const { data: ways } = useQuery(query(api.sessions.ways, {}))
  return (
    <Stack component="main" gap="sm" maw={520} mx="auto" p="md">
      <Title order={1} size="h3">
        {t('signIn.title')}
      </Title>
      <Text>{t('signIn.text')}</Text>
      {ways?.telegram === true && (
        <Button component="a" href="/enter/telegram">
          {t('signIn.telegram')}
        </Button>
      )}
      {ways !== undefined && ways.panelBot !== null && (
        <Text size="sm">
          {t('signIn.bot')}{' '}
          <Anchor href={`https://t.me/${ways.panelBot}`} target="_blank" rel="noreferrer" dir="ltr">
            @{ways.panelBot}
          </Anchor>
        </Text>
      )}
    </Stack>
  )
}
