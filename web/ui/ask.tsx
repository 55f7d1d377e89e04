import { Button, type ButtonProps, Group, Modal, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Fault } from './fault.tsx'

interface AskProps {
  readonly title: string
  /** What will happen, and to how many. */
  readonly children: ReactNode
  /** Of the button that does it. */
  readonly act: string
  readonly color?: ButtonProps['color']
  readonly isReady?: boolean
  readonly perform: () => Promise<unknown>
  readonly onClose: () => void
}

/** Asks before something is done; what the server refuses is said where it was asked. */
export const Ask = ({ title, children, act, color, isReady = true, perform, onClose }: AskProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mutation = useMutation({
    mutationFn: perform,
    onSuccess: async () => {
      await queries.invalidateQueries()
      onClose()
    },
  })
  const closeButtonProps = { 'aria-label': t('state.dismiss') }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={closeButtonProps} centered>
      <Stack>
        {children}
        {mutation.isError && <Fault error={mutation.error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('state.dismiss')}
          </Button>
          <Button
            {...(color !== undefined && { color })}
            disabled={!isReady}
            loading={mutation.isPending}
            onClick={() => mutation.mutate()}
          >
            {act}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
