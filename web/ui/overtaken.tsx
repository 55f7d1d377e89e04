import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { Fault } from './fault.tsx'
import { Rows } from './rows.tsx'

interface OvertakenProps<T> {
  /** What the server said. */
  readonly detail: string
  /** Reads what is saved now. */
  readonly look: (signal: AbortSignal) => Promise<T>
  /** What is saved now, in words. */
  readonly renderTheirs: (theirs: T) => ReactNode
  /** Goes on with mine, on top of theirs. */
  readonly onKeep: (theirs: T) => void
  readonly onTake: (theirs: T) => void
}

type TheirsProps<T> = Omit<OvertakenProps<T>, 'detail'>

const Theirs = <T,>({ look, renderTheirs, onKeep, onTake }: TheirsProps<T>) => {
  const { t } = useTranslation()
  const theirs = useQuery({ queryKey: ['theirs'], queryFn: ({ signal }) => look(signal), staleTime: 0, gcTime: 0 })
  if (theirs.isPending || theirs.isFetching) return <Rows count={3} />
  if (theirs.isError) return <Fault error={theirs.error} onRetry={() => void theirs.refetch()} />
  const { data } = theirs
  return (
    <Stack>
      {renderTheirs(data)}
      <Group justify="end">
        <Button variant="default" onClick={() => onTake(data)}>
          {t('templates.takeTheirs')}
        </Button>
        <Button onClick={() => onKeep(data)}>{t('templates.keepMine')}</Button>
      </Group>
    </Stack>
  )
}

/** Somebody saved meanwhile: nothing is lost, and whoever is here decides what holds. */
export const Overtaken = <T,>({ detail, onKeep, onTake, ...theirs }: OvertakenProps<T>) => {
  const { t } = useTranslation()
  const [isOpen, open] = useState(false)
  const closing = (then: (value: T) => void) => (value: T) => {
    open(false)
    then(value)
  }
  return (
    <Alert color="yellow" title={t('templates.overtaken')} styles={{ title: { color: 'var(--mantine-color-text)' } }}>
      <Stack align="start" gap="sm">
        {detail}
        <Button variant="default" onClick={() => open(true)}>
          {t('templates.seeTheirs')}
        </Button>
      </Stack>
      <Modal
        opened={isOpen}
        onClose={() => open(false)}
        title={t('templates.theirs')}
        closeButtonProps={{ 'aria-label': t('templates.stay') }}
      >
        <Theirs {...theirs} onKeep={closing(onKeep)} onTake={closing(onTake)} />
      </Modal>
    </Alert>
  )
}
