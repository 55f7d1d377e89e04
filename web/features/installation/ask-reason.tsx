import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { Fault } from '../../ui/fault.tsx'

interface AskReasonProps {
  readonly title: string
  readonly text: string
  /** What the field for the reason is called; null where none is asked for. */
  readonly label: string | null
  readonly confirm: string
  readonly isGrave?: boolean
  readonly perform: (reason: string) => Promise<unknown>
  readonly onClose: () => void
}

/** Asks before something is done, and why; what the server refuses is said where it was asked. */
export const AskReason = ({ title, text, label, confirm, isGrave = false, perform, onClose }: AskReasonProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const act = useMutation({
    mutationFn: () => perform(reason.trim()),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onClose()
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('installation.cancel') }}
      centered
    >
      <Stack>
        <Text>{text}</Text>
        {label !== null && (
          <Textarea
            label={label}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={200}
            autosize
            minRows={2}
            data-autofocus
          />
        )}
        {act.isError && <Fault error={act.error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('installation.cancel')}
          </Button>
          <Button
            {...(isGrave && { color: 'red.9' })}
            disabled={label !== null && reason.trim() === ''}
            loading={act.isPending}
            onClick={() => act.mutate()}
          >
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
