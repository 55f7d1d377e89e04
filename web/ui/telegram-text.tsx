import { Fragment, type ReactNode } from 'react'

import styles from './telegram-bubble.module.css'

/** Telegram's tags as elements of a page; a link is shown, not followed. */
const shown = (name: string, children: ReactNode): ReactNode => {
  switch (name) {
    case 'b':
    case 'strong':
      return <b>{children}</b>
    case 'i':
    case 'em':
      return <i>{children}</i>
    case 'u':
    case 'ins':
      return <u>{children}</u>
    case 's':
    case 'strike':
    case 'del':
      return <s>{children}</s>
    case 'code':
      return <code>{children}</code>
    case 'pre':
      return <pre className={styles['pre']}>{children}</pre>
    case 'blockquote':
      return <blockquote className={styles['quote']}>{children}</blockquote>
    case 'a':
      return <span className={styles['link']}>{children}</span>
    case 'span':
    case 'tg-spoiler':
      return <span className={styles['spoiler']}>{children}</span>
    default:
      return children
  }
}

const partsOf = (nodes: NodeListOf<ChildNode>): ReactNode[] =>
  [...nodes].map((node, i) => (
    <Fragment key={i}>
      {node instanceof Element ? shown(node.localName, partsOf(node.childNodes)) : node.textContent}
    </Fragment>
  ))

/**
 * Telegram's HTML as people read it. The text is taken apart by the browser's own parser, in a document where nothing
 * runs or loads; only the tags that Telegram knows become elements, without their attributes.
 */
export const TelegramText = ({ html }: { html: string }) => {
  const { body } = new DOMParser().parseFromString(`<body>${html}`, 'text/html')
  return <>{partsOf(body.childNodes)}</>
}
