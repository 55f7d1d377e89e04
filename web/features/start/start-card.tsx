import { Button, Card, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { StartBar } from './start-bar.tsx'
import { useStartProgress } from './use-start-progress.ts'

/** On the overview, while something of the set-up is missing: how far it is, and what is next. */
export const StartCard = () => {
  const { t } = useTranslation()
  const { data: progress } = useStartProgress()
  if (!progress || progress.isComplete) return null
  const next = progress.steps.find(({ state }) => state !== 'done')
  return (
    <Card withBorder component="section" aria-label={t('screens.start')} mb="lg" data-testid="start-card">
      <Group justify="space-between" align="end">
        <Stack gap="xs" flex="1 1 240px">
          <Text fw={650}>{t('screens.start')}</Text>
          <StartBar progress={progress} />
          {next && <Text size="sm">{t('start.next', { step: t(`start.step.${next.step}.title`) })}</Text>}
        </Stack>
        <Button component={Link} to="/start" variant="default">
          {t('start.goOn')}
        </Button>
      </Group>
    </Card>
  )
}
