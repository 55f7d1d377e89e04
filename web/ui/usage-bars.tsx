import { Group, Progress, SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import type { Formats } from '../lib/formats.ts'

type Usage = RouteOutput<typeof api.billing.get>['usage'][number]

const colourOf = (share: number): string => (share >= 1 ? 'red.9' : share >= 0.8 ? 'orange.9' : 'teal.9')

/** How much of each limit of the package is in use, as bars with the same in words. */
export const UsageBars = ({ usage, formats, now }: { usage: readonly Usage[]; formats: Formats; now: number }) => {
  const { t } = useTranslation()
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
      {usage.map(({ name, used, limit, resetAt }) => {
        const share = limit === null ? 0 : limit === 0 ? 1 : used / limit
        const title = t(`words:entitlement.${name}`)
        return (
          <Stack key={name} gap={4}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">{title}</Text>
              <Text size="sm" fw={600}>
                {t(limit === null ? 'usage.free' : 'usage.of', {
                  used: formats.number(used),
                  limit: formats.number(limit ?? 0),
                })}
              </Text>
            </Group>
            {limit !== null && (
              <Progress value={Math.min(100, share * 100)} color={colourOf(share)} aria-label={title} />
            )}
            {resetAt !== null && limit !== null && (
              <Text size="xs" c="dimmed">
                {t('usage.resets', { at: formats.since(resetAt, now) })}
              </Text>
            )}
          </Stack>
        )
      })}
    </SimpleGrid>
  )
}
