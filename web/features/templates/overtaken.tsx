import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import type { Template } from './template-draft.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'

interface OvertakenProps {
  readonly id: number
  readonly detail: string
  /** Goes on with mine, on top of theirs. */
  readonly onKeep: (theirs: Template) => void
  readonly onTake: (theirs: Template) => void
}

const Theirs = ({ id, onKeep, onTake }: Omit<OvertakenProps, 'detail'>) => {
  const { t } = useTranslation()
  const languageName = useLanguageName()
  const theirs = useQuery({ ...query(api.templates.get, { params: { id } }), staleTime: 0 })
  if (theirs.isPending || theirs.isFetching) return <Rows count={3} />
  if (theirs.isError) return <Fault error={theirs.error} onRetry={() => void theirs.refetch()} />
  return (
    <Stack>
      <Text fw={600}>
        <bdi>{theirs.data.name}</bdi>
      </Text>
      {theirs.data.variants.map(({ name, locale, text }) => (
        <Stack key={`${name}/${locale}`} gap={4}>
          <Text size="sm" c="dimmed">
            {name.toUpperCase()} · {languageName(locale)}
          </Text>
          <TelegramBubble text={text.trim()} scheme="light" />
        </Stack>
      ))}
      <Group justify="end">
        <Button variant="default" onClick={() => onTake(theirs.data)}>
          {t('templates.takeTheirs')}
        </Button>
        <Button onClick={() => onKeep(theirs.data)}>{t('templates.keepMine')}</Button>
      </Group>
    </Stack>
  )
}

/** Somebody saved meanwhile: nothing is lost, and whoever is here decides which text holds. */
export const Overtaken = ({ id, detail, onKeep, onTake }: OvertakenProps) => {
  const { t } = useTranslation()
  const [isOpen, open] = useState(false)
  return (
    <Alert color="yellow" title={t('templates.overtaken')}>
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
        <Theirs
          id={id}
          onKeep={(theirs) => {
            open(false)
            onKeep(theirs)
          }}
          onTake={(theirs) => {
            open(false)
            onTake(theirs)
          }}
        />
      </Modal>
    </Alert>
  )
}
