import { Alert, Button, Group, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Ask } from '../../ui/ask.tsx'
import type { Sending } from './account.ts'

/** Stops all sending, and says so until somebody lets it go on. */
export const SendingSwitch = ({ sending: { stopped, stoppedForAll } }: { sending: Sending }) => {
  const { t } = useTranslation()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [reason, setReason] = useState('')
  const [mayStop, mayResume] = [useMay('sending.stop'), useMay('sending.resume')]
  const isStopped = stopped !== null
  return (
    <>
      {stoppedForAll !== null && (
        <Alert color="red" title={t('accounts.stoppedForAll')} role="alert">
          <bdi>{stoppedForAll}</bdi>
        </Alert>
      )}
      {isStopped && (
        <Alert color="red" title={t('accounts.stopped')} role="alert">
          <Text size="sm">
            <bdi>{stopped}</bdi>
          </Text>
          {mayResume && (
            <Button mt="sm" onClick={open}>
              {t('accounts.resumeAll')}
            </Button>
          )}
        </Alert>
      )}
      {!isStopped && mayStop && (
        <Group>
          <Button variant="outline" color="red.9" onClick={open}>
            {t('accounts.stopAll')}
          </Button>
        </Group>
      )}
      {isOpen && isStopped && (
        <Ask
          title={t('accounts.resumeAll')}
          act={t('accounts.resumeAll')}
          perform={() => call(api.accounts.resumeSendingOfAll, {})}
          onClose={close}
        >
          <Text>{t('accounts.resumeAllSure')}</Text>
        </Ask>
      )}
      {isOpen && !isStopped && (
        <Ask
          title={t('accounts.stopAll')}
          act={t('accounts.stopAll')}
          color="red.9"
          isReady={reason.trim() !== ''}
          perform={() => call(api.accounts.stopSending, { body: { reason } })}
          onClose={close}
        >
          <Text>{t('accounts.stopAllSure')}</Text>
          <TextInput
            label={t('accounts.why')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={200}
            data-autofocus
          />
        </Ask>
      )}
    </>
  )
}
