/** One message as it is kept. `chatId` is Telegram's: the person's id in a private chat. */
export interface MessageRow {
  readonly at: number
  readonly contactId: number | null
  readonly accountId: number | null
  readonly chatId: number
  readonly direction: 'in' | 'out'
  readonly kind: string
  readonly messageId: number | null
  readonly text: string | null
}

/** One entry of a contact's timeline. */
export interface ContactEventRow {
  readonly at: number
  readonly contactId: number
  readonly kind: string
  readonly detail: Readonly<Record<string, string | number>>
}
