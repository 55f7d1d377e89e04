import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Nothing is here, and what brings something here. */
export const EmptyState = ({ title, next, children }: { title: string; next: string; children?: ReactNode }) => (
  <Stack align="center" gap="xs" py="xl" ta="center">
    <Title order={2} size="h4">
      {title}
    </Title>
    <Text c="dimmed" maw={460}>
      {next}
    </Text>
    {children}
  </Stack>
)
