import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react'

import { ApiError } from '../api/client.ts'
import { t } from './language.ts'
import { hasBack, showBack } from './telegram.ts'

/** Where rows will be in a moment. */
export const Waiting = ({ count = 4 }: { count?: number }) => (
  <output aria-busy="true" aria-label={t('state.loading')}>
    {Array.from({ length: count }, (_, i) => (
      <span key={i} className="card waiting" />
    ))}
  </output>
)

/** Nothing is here, and what brings something here. */
export const Empty = ({ title, next, children }: { title: string; next: string; children?: ReactNode }) => (
  <section className="empty">
    <h2>{title}</h2>
    <p className="soft">{next}</p>
    {children}
  </section>
)

/** What did not work, in the server's words where it gave some, and a way on. */
export const Fault = ({ error, onRetry }: { error: Error; onRetry?: () => void }) => {
  const isFinal = error instanceof ApiError && error.problem.status < 500
  return (
    <div role="alert" className="card fault">
      <p>{error instanceof ApiError ? error.problem.detail : t('state.offline')}</p>
      {onRetry && !isFinal && (
        <button type="button" onClick={onRetry}>
          {t('state.retry')}
        </button>
      )}
    </div>
  )
}

/** A figure with its name. */
export const Figure = ({
  name,
  label,
  value,
  beside,
}: {
  name: string
  label: string
  value: string
  beside?: string
}) => (
  <div className="card figure">
    <span className="soft">{label}</span>
    <strong data-testid={`figure-${name}`}>{value}</strong>
    {beside !== undefined && <small className="soft">{beside}</small>}
  </div>
)

/** The way back: Telegram's own arrow where there is one, else a button. */
export const Back = ({ onBack }: { onBack: () => void }) => {
  const goBack = useEffectEvent(onBack)
  useEffect(() => showBack(() => goBack()), [])
  if (hasBack()) return null
  return (
    <button type="button" className="back" onClick={onBack}>
      {t('back')}
    </button>
  )
}

interface QuestionProps {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly isBusy: boolean
  readonly error: Error | null
  readonly onYes: () => void
  readonly onNo: () => void
}

/** Asks before something is done that many would notice. */
export const Question = ({ title, text, yes, isBusy, error, onYes, onNo }: QuestionProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-label={title} onCancel={onNo}>
      <h2>{title}</h2>
      <p>{text}</p>
      {error && <Fault error={error} />}
      <div className="row">
        <button type="button" onClick={onNo}>
          {t('no')}
        </button>
        <button type="button" className="main" disabled={isBusy} onClick={onYes}>
          {yes}
        </button>
      </div>
    </dialog>
  )
}
