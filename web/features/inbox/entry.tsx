import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { Formats } from '../../lib/formats.ts'
import type { TalkEntry } from './talk.ts'
import classes from './inbox.module.css'

type Names = ReadonlyMap<number, string>

/** Who said or did something, in words; a model's words are said to be a model's. */
const useAuthor = () => {
  const { t } = useTranslation()
  return ({ kind, id, name }: TalkEntry['author']): string =>
    kind === 'member' ? (name ?? t('inbox.formerMember', { id: String(id) })) : t(`words:author.${kind}`)
}

/** Why something was not sent; a reason without words is shown as it is, so that nothing is hidden. */
const useReason = () => {
  const { t, i18n } = useTranslation()
  return (reason: string): string => {
    const known = ['reason', 'failure'].find((group) => i18n.exists(`words:${group}.${reason}`))
    return known === undefined ? reason : t(`words:${known}.${reason}`)
  }
}

/** What happened, and what there is to know about it. */
const useHappening = (formats: Formats, members: Names) => {
  const { t } = useTranslation()
  const reasonText = useReason()
  return ({ kind, detail }: Extract<TalkEntry, { type: 'event' }>): string => {
    const { until, after, reason, findings } = detail
    const what = t(`inbox.event.${kind}`)
    const more = {
      snoozed: typeof until === 'number' ? formats.instant(until) : '',
      assigned:
        typeof after === 'number'
          ? (members.get(after) ?? t('inbox.formerMember', { id: String(after) }))
          : t('inbox.owner.nobody'),
      handed_over: [
        t(`words:handOverReason.${String(reason)}`),
        ...String(findings ?? '')
          .split(' ')
          .filter(Boolean)
          .map((finding) => t(`words:answerFinding.${finding}`)),
      ].join(' · '),
      not_sent: typeof reason === 'string' ? reasonText(reason) : '',
    }[kind as string]
    return more ? t('inbox.whatAndMore', { what, more }) : what
  }
}

interface EntryProps {
  readonly entry: TalkEntry
  readonly formats: Formats
  readonly members: Names
}

/** One thing that was said or happened. Words are text and nothing else, whoever wrote them. */
export const Entry = ({ entry, formats, members }: EntryProps) => {
  const { t } = useTranslation()
  const authorText = useAuthor()
  const reasonText = useReason()
  const happening = useHappening(formats, members)
  const head = { who: authorText(entry.author), at: formats.instant(entry.at) }
  if (entry.type === 'event' && entry.kind !== 'note')
    return (
      <Text size="xs" c="dimmed" ta="center">
        {t('inbox.happened', { ...head, what: happening(entry) })}
      </Text>
    )
  const isOurs = entry.type !== 'message' || entry.direction === 'out'
  const isNote = entry.type === 'event'
  const media = entry.type === 'message' && entry.kind !== 'text' ? t('inbox.noText') : t('inbox.textGone')
  const confidence = entry.type === 'event' ? null : (entry.sent?.confidenceRatio ?? null)
  return (
    <div className={classes['words']} data-ours={isOurs} data-note={isNote}>
      <Text size="xs" c="dimmed">
        <bdi>{t(isNote ? 'inbox.noteBy' : 'inbox.saidBy', head)}</bdi>
        {confidence !== null && ` · ${t('inbox.confidence', { ratio: formats.ratio(confidence) })}`}
      </Text>
      <Text dir="auto">{entry.text ?? media}</Text>
      {entry.type === 'delivery' && (
        <Text size="xs" c="dimmed">
          {entry.reason === null
            ? t(`words:deliveryState.${entry.state}`)
            : t('inbox.whatAndMore', {
                what: t(`words:deliveryState.${entry.state}`),
                more: reasonText(entry.reason),
              })}
        </Text>
      )}
    </div>
  )
}
