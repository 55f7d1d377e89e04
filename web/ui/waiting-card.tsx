import { Card, Skeleton, Stack, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Where a card will be in a moment: its title, and as much room as what it shows takes most often. */
export const WaitingCard = ({ title, heights }: { title: string; heights: readonly number[] }) => {
  const { t } = useTranslation()
  return (
    <Card withBorder h="100%">
      <Stack component="output" gap="xs" aria-busy="true" aria-label={t('state.loading')}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {heights.map((height, i) => (
          <Skeleton key={i} height={height} />
        ))}
      </Stack>
    </Card>
  )
}
