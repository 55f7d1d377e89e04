import { Anchor, Group, Stack, Tabs, Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useMay } from '../../api/session.tsx'
import { KeysPart } from './keys-part.tsx'
import { LogPart } from './log-part.tsx'
import { PARTS } from './integrations-search.ts'
import { WebhooksPart } from './webhooks-part.tsx'

const screen = getRouteApi('/integrations')

/** What connects other programs: keys they call with, webhooks they are told by, and the log of those. */
export const Integrations = () => {
  const { t } = useTranslation()
  const navigate = screen.useNavigate()
  const { part } = screen.useSearch()
  const [mayKeys, mayWebhooks] = [useMay('keys.view'), useMay('webhooks.view')]
  const parts = PARTS.filter((known) => (known === 'keys' ? mayKeys : mayWebhooks))
  const shown = parts.find((known) => known === part) ?? parts[0] ?? null
  return (
    <Stack>
      <Group justify="space-between" align="start">
        <Title order={1} size="h3">
          {t('screens.integrations')}
        </Title>
        <Anchor href="/docs" target="_blank" rel="noreferrer">
          {t('integrations.docs')}
        </Anchor>
      </Group>
      <Text c="dimmed">{t('integrations.text')}</Text>
      <Tabs
        value={shown}
        onChange={(value) =>
          void navigate({
            search: ({ tenant }) => ({
              tenant,
              part: PARTS.find((known) => known === value),
              state: undefined,
              webhook: undefined,
            }),
            replace: true,
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {parts.map((known) => (
            <Tabs.Tab key={known} value={known}>
              {t(`integrations.parts.${known}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="keys">
          <KeysPart />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <WebhooksPart />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <LogPart />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}
