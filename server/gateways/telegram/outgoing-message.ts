export type InlineButton =
  | { readonly text: string; readonly url: string }
  /** Opens this page inside Telegram as a Mini App of the bot; https, in private chats. */
  | { readonly text: string; readonly appUrl: string }
  /** `action` travels as callback data: 1–64 bytes. */
  | { readonly text: string; readonly action: string }

export const MEDIA_KINDS = ['photo', 'video', 'animation', 'document', 'audio', 'voice'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

/** A key in place of the letters, which asks the person to make a bot that the sending bot manages: private chats only. */
export interface RequestManagedBot {
  /** What the key says. */
  readonly text: string
  /** Signed 32 bits, unique in the message. */
  readonly requestId: number
  readonly suggestedName?: string
  /** Ends in `bot`. */
  readonly suggestedUsername?: string
}

/** Something sold for Stars; the sending bot is asked before the payment passes and told once it has. */
export interface StarInvoice {
  /** 1–32 characters. */
  readonly title: string
  /** 1–255 characters. */
  readonly description: string
  /** 1–128 bytes that come back with the payment; never shown. */
  readonly payload: string
  /** Whole Stars. */
  readonly stars: number
}

export interface OutgoingMessage {
  /** Telegram's chat id; the person's id in a private chat. */
  readonly chatId: number
  /** Telegram HTML, 1–4096 code points after parsing. The caption when there is media: 0–1024. */
  readonly text: string
  /** `source` is a file id or an https address that Telegram fetches. */
  readonly media?: { readonly kind: MediaKind; readonly source: string }
  readonly buttons?: readonly (readonly InlineButton[])[]
  /** Sent in place of text, media and buttons, with Telegram's own button to pay. Of bots alone, in private chats. */
  readonly invoice?: StarInvoice
  /** Of bots alone, and not beside buttons. The key goes away once used, or with `removesKeyboard`. */
  readonly requestManagedBot?: RequestManagedBot
  /** Takes such a key away. */
  readonly removesKeyboard?: boolean
  readonly silent?: boolean
  readonly replyToMessageId?: number
  /** Shows a card for the first link of the text; off unless asked for. */
  readonly linkPreview?: boolean
  /** Sent again, the same value is the same message where the account kind knows that (user accounts). */
  readonly randomId?: bigint
}
