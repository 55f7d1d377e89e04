import { Badge, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import type { KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { type TalkLine, nameOf } from './talk.ts'
import classes from './inbox.module.css'

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }

/** The arrows go from line to line; Enter opens the line they are on, as on every button. */
const stepThrough = (event: KeyboardEvent<HTMLElement>): void => {
  const step = STEPS[event.key]
  if (step === undefined) return
  const lines = [...event.currentTarget.querySelectorAll('button')]
  const at = lines.findIndex((line) => line === document.activeElement)
  const next = lines[at + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

interface TalkListProps {
  readonly talks: readonly TalkLine[]
  readonly openId: number | null
  readonly onOpen: (id: number) => void
  readonly height: string
}

export const TalkList = ({ talks, openId, onOpen, height }: TalkListProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  return (
    <Stack
      mah={height}
      className={classes['scroll']}
      gap={4}
      onKeyDown={stepThrough}
      component="section"
      aria-label={t('inbox.list')}
    >
      {talks.map((talk) => (
        <UnstyledButton
          key={talk.id}
          className={classes['line']}
          aria-current={talk.id === openId}
          onClick={() => onOpen(talk.id)}
        >
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text component="bdi" fw={talk.unreadCount > 0 ? 700 : 500} truncate>
              {nameOf(talk)}
            </Text>
            {talk.unreadCount > 0 && (
              <Badge aria-label={t('inbox.unreadCount', { value: formats.number(talk.unreadCount) })}>
                {formats.number(talk.unreadCount)}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" truncate dir="auto">
            {talk.lastText ?? t('inbox.noText')}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {t('inbox.lineState', {
              state: t(`words:conversationState.${talk.state}`),
              at: formats.instant(talk.lastInboundAt),
            })}
          </Text>
          {talk.handedOverAt !== null && (
            <Badge variant="default" size="sm">
              {t('inbox.handedOver')}
            </Badge>
          )}
        </UnstyledButton>
      ))}
    </Stack>
  )
}
