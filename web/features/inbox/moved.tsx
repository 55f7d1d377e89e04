import { Alert, Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { ApiError } from '../../api/client.ts'
import { Fault } from '../../ui/fault.tsx'

interface MovedProps {
  readonly error: Error
  /** Sends it all the same. */
  readonly onSure: () => void
}

/** Somebody else was quicker: who, that nothing is lost, and what can be done. Anything else is a fault. */
export const Moved = ({ error, onSure }: MovedProps) => {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : null
  if (problem?.code === 'draft_decided')
    return <Alert title={t('inbox.draftDecided')}>{t('inbox.draftDecidedNext')}</Alert>
  if (problem?.code !== 'conversation_moved') return <Fault error={error} />
  const { who, name } = problem.params ?? {}
  const author = who === 'member' ? String(name) : t(`words:author.${String(who)}`)
  return (
    <Alert title={t('inbox.moved', { who: author })}>
      <Group justify="space-between">
        {t('inbox.movedNext')}
        <Button variant="default" size="xs" onClick={onSure}>
          {t('inbox.sendAnyway')}
        </Button>
      </Group>
    </Alert>
  )
}
