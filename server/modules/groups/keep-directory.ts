import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type ChatListing,
  type LinkSighting,
  deleteListing,
  selectListings,
  selectSightings,
  upsertListing,
} from './directory.store.ts'
import { listChats } from './list-chats.ts'
import { parseListingName } from './own-link.rules.ts'

const NOTE_MAX = 200

const nameOf = (given: string): string => {
  const username = parseListingName(given)
  if (username === null) throw invalid('listing_name', 'name', { given: given.slice(0, 40) })
  return username
}

/**
 * Writes a public group or channel into the tenant's own directory. Nothing is joined and nobody is written to; what
 * Telegram says of it is added when chats are asked about next. Needs `settings.edit`. Errors: `forbidden`,
 * `invalid/listing_name`.
 */
export const addListing = async (
  tx: TenantTx,
  input: { readonly name: string; readonly note: string },
  actor: ActingPerson,
): Promise<ChatListing> => {
  requireCan(actor.access, 'settings.edit')
  const username = nameOf(input.name)
  await upsertListing(tx, { username, note: input.note.trim().slice(0, NOTE_MAX) }, actor)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'directory.added',
    target: `@${username}`,
    detail: {},
    at: actor.at,
  })
  const [listing] = (await selectListings(tx, username)).filter((entry) => entry.username === username)
  if (!listing) throw notFound('chat_listing', username)
  return listing
}

/** Takes an entry out of the directory. Needs `settings.edit`. Errors: `forbidden`, `not_found`, `invalid/listing_name`. */
export const removeListing = async (tx: TenantTx, name: string, actor: ActingPerson): Promise<void> => {
  requireCan(actor.access, 'settings.edit')
  const username = nameOf(name)
  if (!(await deleteListing(tx, username))) throw notFound('chat_listing', username)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'directory.removed',
    target: `@${username}`,
    detail: {},
    at: actor.at,
  })
}

/** Where the tenant could be found: chats it is in, groups it wrote down, and where its own addresses were seen. */
export interface GroupDirectory {
  readonly chats: Awaited<ReturnType<typeof listChats>>['chats']
  readonly listings: readonly ChatListing[]
  readonly sightings: readonly LinkSighting[]
}

/** The directory, narrowed by part of a title or name where `search` is given; up to 500 chats. */
export const searchDirectory = async (tx: TenantTx, search: string | null): Promise<GroupDirectory> => {
  const { chats } = await listChats(tx, search === null ? {} : { search }, { limit: 500 })
  const listings = await selectListings(tx, search)
  const sightings = await selectSightings(tx)
  const within = (title: string) =>
    search === null || title.toLocaleLowerCase('tr').includes(search.toLocaleLowerCase('tr'))
  return { chats, listings, sightings: sightings.filter((seen) => within(`${seen.chatTitle} ${seen.username}`)) }
}
