import { invalid } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { addContactTags, removeContactTags } from './tag.store.ts'
import { checkTags } from './tag.rules.ts'

interface TagInput {
  readonly contactIds: readonly number[]
  readonly tags: readonly string[]
  /** Epoch ms. */
  readonly at: number
}

type TagWriter = (tx: TenantTx, contactIds: readonly number[], tags: readonly string[]) => Promise<number[]>

const changeTags = async (tx: TenantTx, { contactIds, tags, at }: TagInput, write: TagWriter): Promise<number> => {
  const wanted = checkTags(tags)
  if (wanted.length === 0) throw invalid('tags_missing', 'tags')
  const changed = await write(tx, contactIds, wanted)
  if (changed.length > 0) await emitEvents(tx, at, [{ type: 'contact.changed', payload: { contactIds: changed } }])
  return changed.length
}

/** Adds tags to contacts; returns how many changed. Emits `contact.changed` for those. Errors: `invalid/tag_*`. */
export const addTags = (tx: TenantTx, input: TagInput): Promise<number> => changeTags(tx, input, addContactTags)

/** Takes tags off contacts; returns how many changed. Emits `contact.changed` for those. Errors: `invalid/tag_*`. */
export const removeTags = (tx: TenantTx, input: TagInput): Promise<number> => changeTags(tx, input, removeContactTags)
