import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import type { RefObject } from 'react'
import { useTranslation } from 'react-i18next'

/** Asks before what was typed and not saved is left behind, here or by closing the window. */
export const LeaveGuard = ({ isUnsaved }: { isUnsaved: RefObject<boolean> }) => {
  const { t } = useTranslation()
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => isUnsaved.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => isUnsaved.current,
    withResolver: true,
  })
  if (status !== 'blocked') return null
  return (
    <Modal
      opened
      onClose={reset}
      title={t('templates.leave')}
      closeButtonProps={{ 'aria-label': t('templates.stay') }}
      centered
    >
      <Stack>
        <Text>{t('templates.leaveHint')}</Text>
        <Group justify="end">
          <Button variant="default" onClick={proceed}>
            {t('templates.leaveAnyway')}
          </Button>
          <Button onClick={reset} data-autofocus>
            {t('templates.stay')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
