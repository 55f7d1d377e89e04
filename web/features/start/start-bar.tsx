import { Progress, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { StartProgress } from './use-start-progress.ts'

/** How many of the steps are done; it moves by what was done, and by nothing else. */
export const StartBar = ({ progress: { done, total } }: { progress: StartProgress }) => {
  const { t } = useTranslation()
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600} data-testid="start-done">
        {t('start.done', { done, total })}
      </Text>
      <Progress value={(done / total) * 100} color="teal.9" aria-label={t('start.bar')} />
    </Stack>
  )
}
