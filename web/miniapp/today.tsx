import { useQuery } from '@tanstack/react-query'

import { api, query } from '../api/queries.ts'
import { useMay } from '../api/session.tsx'
import type { ScreenName } from './screen-name.ts'
import { t } from './language.ts'
import { Fault, Figure, Waiting } from './parts.tsx'
import { useFormats } from './use-formats.ts'

const FIGURES = ['sent', 'answered', 'joined', 'stopped'] as const
const LOOK_AGAIN_MS = 10_000
const DRAFTS_SHOWN = 20

/** How many drafts wait for a person, and the way to them; nothing where none does. */
const WaitingDrafts = ({ go }: { go: (screen: ScreenName) => void }) => {
  const { number } = useFormats()
  const drafts = useQuery({
    ...query(api.drafts.list, { query: { limit: DRAFTS_SHOWN } }),
    refetchInterval: LOOK_AGAIN_MS,
  })
  const count = drafts.data?.items.length ?? 0
  if (count === 0) return null
  const shown = drafts.data?.nextCursor === null ? number(count) : `${number(count)}+`
  return (
    <button type="button" className="main wide" onClick={() => go('drafts')}>
      {t('today.drafts', { count, shown })}
    </button>
  )
}

/** M1: what happened today, beside yesterday. */
export const Today = ({ go }: { go: (screen: ScreenName) => void }) => {
  const { number } = useFormats()
  const mayRead = useMay('conversations.view')
  const days = useQuery({ ...query(api.analytics.days, { query: { days: 2 } }), refetchInterval: LOOK_AGAIN_MS })
  const [before, today] = days.data?.days ?? []
  return (
    <>
      <h1>{t('screens.today')}</h1>
      {days.isPending && <Waiting />}
      {days.isError && <Fault error={days.error} onRetry={() => void days.refetch()} />}
      {today && (
        <div className="figures">
          {FIGURES.map((figure) => (
            <Figure
              key={figure}
              name={figure}
              label={t(`today.${figure}`)}
              value={number(today[figure])}
              beside={t('today.yesterday', { value: number(before?.[figure] ?? 0) })}
            />
          ))}
        </div>
      )}
      {mayRead && <WaitingDrafts go={go} />}
    </>
  )
}
