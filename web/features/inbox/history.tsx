import { Box, Button, Stack } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Entry } from './entry.tsx'
import type { TalkEntry } from './talk.ts'
import classes from './inbox.module.css'

interface HistoryProps {
  /** Newest first. */
  readonly entries: readonly TalkEntry[]
  readonly members: ReadonlyMap<number, string>
  readonly height: string
  /** Null at the beginning. */
  readonly onEarlier: (() => void) | null
}

/** The dialogue, oldest first; it stays at its end as it grows. */
export const History = ({ entries, members, height, onEarlier }: HistoryProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const place = useRef<HTMLDivElement>(null)
  const [newest] = entries
  const end = newest && `${newest.type}:${newest.id}`
  useEffect(() => {
    const element = place.current
    if (element && end !== undefined) element.scrollTop = element.scrollHeight
  }, [end])
  return (
    <Box ref={place} mah={height} className={classes['scroll']} tabIndex={0} role="log" aria-label={t('inbox.history')}>
      <Stack gap="xs" pe="xs">
        {onEarlier && (
          <Button variant="default" size="xs" onClick={onEarlier}>
            {t('inbox.earlier')}
          </Button>
        )}
        {entries.toReversed().map((entry) => (
          <Entry key={`${entry.type}:${entry.id}`} entry={entry} formats={formats} members={members} />
        ))}
      </Stack>
    </Box>
  )
}
