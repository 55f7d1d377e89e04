import { Button, Card, Group, List, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Linked } from './linked.tsx'

/** Refusals that are about what was typed, and stand beside it. */
const fieldFault = (error: Error | null): string | null =>
  error instanceof ApiError && error.problem.field === 'token' ? error.problem.detail : null

/** A bot by the token that BotFather gave: the token is sent once and not kept on the page. */
export const LinkBot = () => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [token, setToken] = useState('')
  const link = useMutation({
    mutationFn: () => call(api.links.bot, { body: { token: token.trim() } }),
    onSuccess: async () => {
      setToken('')
      await queries.invalidateQueries()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    link.mutate()
  }
  const beside = fieldFault(link.error)
  return (
    <Card withBorder component="section" aria-labelledby="link-bot">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Title order={2} size="h5" id="link-bot">
            {t('links.bot.title')}
          </Title>
          <List type="ordered" size="sm" spacing={4}>
            {(['make', 'copy', 'paste'] as const).map((step) => (
              <List.Item key={step}>{t(`links.bot.${step}`)}</List.Item>
            ))}
          </List>
          {link.isSuccess && <Linked account={link.data} />}
          {link.isError && beside === null && <Fault error={link.error} />}
          <PasswordInput
            label={t('links.bot.token')}
            description={t('links.bot.tokenHint')}
            value={token}
            maxLength={200}
            dir="ltr"
            autoComplete="off"
            spellCheck={false}
            styles={{ input: { textAlign: 'start' } }}
            visibilityToggleButtonProps={{ 'aria-label': t('links.bot.show') }}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={beside}
          />
          <Group justify="space-between">
            <Text size="xs" c="dimmed" flex="1 1 200px">
              {t('links.bot.sealed')}
            </Text>
            <Button type="submit" loading={link.isPending} disabled={token.trim() === ''}>
              {t('links.bot.link')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}
