import styles from './telegram-bubble.module.css'
import { TelegramText } from './telegram-text.tsx'

interface TelegramBubbleProps {
  /** Telegram's HTML. */
  readonly text: string
  readonly scheme: 'light' | 'dark'
  /** What stands for a picture or a file, in words. */
  readonly media?: string | null
  readonly buttons?: readonly (readonly { readonly text: string }[])[]
  /** Said instead of a text that is empty. */
  readonly empty?: string
}

/** A message as it looks in Telegram. Nothing in it can be pressed. */
export const TelegramBubble = ({ text, scheme, media = null, buttons = [], empty = '' }: TelegramBubbleProps) => (
  <div className={styles['chat']} data-scheme={scheme}>
    <div className={styles['bubble']}>
      {media !== null && (
        <div className={styles['media']}>
          <bdi>{media}</bdi>
        </div>
      )}
      <div className={styles['text']} dir="auto">
        {text === '' ? <span className={styles['faint']}>{empty}</span> : <TelegramText html={text} />}
      </div>
    </div>
    {buttons.map((row, r) => (
      <div key={r} className={styles['row']}>
        {row.map((button, b) => (
          <span key={b} className={styles['button']} dir="auto">
            {button.text}
          </span>
        ))}
      </div>
    ))}
  </div>
)
