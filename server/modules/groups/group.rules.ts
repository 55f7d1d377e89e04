/** A group or channel as Telegram names it. `telegramId` is negative. */
export interface GroupChat {
  readonly telegramId: number
  readonly kind: 'group' | 'supergroup' | 'channel'
  readonly title: string
  readonly username: string | null
}

export const OWN_STATUSES = ['administrator', 'member', 'restricted', 'left', 'kicked'] as const

/** What an account is in a chat, and its administrator rights by Telegram's names. */
export interface OwnStatus {
  readonly status: (typeof OWN_STATUSES)[number]
  readonly rights: Readonly<Record<string, boolean>>
}

/** The rights among a member's fields: those that are yes or no and begin with `can_`. */
export const rightsOf = (member: Readonly<Record<string, unknown>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(
    Object.entries(member).filter(
      (entry): entry is [string, boolean] => entry[0].startsWith('can_') && typeof entry[1] === 'boolean',
    ),
  )
