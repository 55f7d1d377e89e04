import { Button, Card, Group, List, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Linked } from './linked.tsx'

type Waiting = RouteOutput<typeof contract.links.ways>['waiting'][number]

/** A Telegram Business account answers through a bot that its owner adds in Telegram's own settings. */
export const LinkBusiness = ({ bots, waiting }: { bots: readonly string[]; waiting: readonly Waiting[] }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const link = useMutation({
    mutationFn: ({ viaAccountId, ownerTelegramId }: Waiting) =>
      call(api.links.business, { body: { viaAccountId, ownerTelegramId } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Card withBorder component="section" aria-labelledby="link-business">
      <Stack gap="sm">
        <Title order={2} size="h5" id="link-business">
          {t('links.business.title')}
        </Title>
        {bots.length === 0 ? (
          <Text size="sm">{t('links.business.noBot')}</Text>
        ) : (
          <>
            <List type="ordered" size="sm" spacing={4}>
              <List.Item>{t('links.business.open')}</List.Item>
              <List.Item>
                {t('links.business.add')}{' '}
                {bots.map((bot, i) => (
                  <span key={bot} dir="ltr">
                    {i > 0 && ' / '}@{bot}
                  </span>
                ))}
              </List.Item>
              <List.Item>{t('links.business.allow')}</List.Item>
            </List>
            {waiting.length === 0 && (
              <Text size="sm" c="dimmed" aria-live="polite">
                {t('links.business.none')}
              </Text>
            )}
          </>
        )}
        {link.isSuccess && <Linked account={link.data} />}
        {link.isError && <Fault error={link.error} />}
        {waiting.map((connection) => (
          <Group key={`${connection.viaAccountId}-${connection.ownerTelegramId}`} justify="space-between">
            <Text size="sm">
              <bdi>{connection.ownerName}</bdi> {t('links.business.waits')}
            </Text>
            <Button
              variant="default"
              loading={link.isPending && link.variables === connection}
              onClick={() => link.mutate(connection)}
            >
              {t('links.business.take')}
            </Button>
          </Group>
        ))}
      </Stack>
    </Card>
  )
}
