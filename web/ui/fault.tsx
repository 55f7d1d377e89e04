import { Alert, Button, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { ApiError } from '../api/client.ts'

/** What did not work, in the server's words where it gave some, and a way on. */
export const Fault = ({ error, onRetry }: { error: Error; onRetry?: () => void }) => {
  const { t } = useTranslation()
  const isRefusal = error instanceof ApiError
  return (
    <Alert color="red" title={t('state.fault')} role="alert" m="md">
      <Stack align="flex-start" gap="sm">
        {isRefusal ? error.problem.detail : t('state.offline')}
        {onRetry && !(isRefusal && error.problem.status === 401) && (
          <Button variant="default" onClick={onRetry}>
            {t('state.retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}
