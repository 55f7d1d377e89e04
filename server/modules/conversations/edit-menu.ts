import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { lockVoice } from './account-setting.store.ts'
import { type EntryChange, addEntry, editEntry, moveEntry, removeEntry } from './menu.rules.ts'
import type { MenuEntry, Persona } from './persona.rules.ts'
import { getPersona, updatePersona } from './update-persona.ts'

/** One change of a menu; places are `2`, or `2.1` for the first below the second. */
export type MenuChange =
  | { readonly kind: 'add'; readonly entry: MenuEntry; readonly under?: string | null; readonly at?: number | null }
  | { readonly kind: 'edit'; readonly place: string; readonly change: EntryChange }
  | { readonly kind: 'move'; readonly place: string; readonly to: number }
  | { readonly kind: 'remove'; readonly place: string }

const applyTo = (menu: Persona['menu'], change: MenuChange): Persona['menu'] => {
  switch (change.kind) {
    case 'add':
      return addEntry(menu, change.entry, change)
    case 'edit':
      return editEntry(menu, change.place, change.change)
    case 'move':
      return moveEntry(menu, change.place, change.to)
    case 'remove':
      return removeEntry(menu, change.place)
    default:
      return change satisfies never
  }
}

/**
 * Changes one entry of an account's menu, as a new version of its persona. Locks the account's voice. Errors:
 * `forbidden/not_allowed`, `not_found` for the persona, `invalid/persona_menu_place`, those of `updatePersona`.
 */
export const editMenu = async (
  tx: TenantTx,
  { accountId, change }: { readonly accountId: number; readonly change: MenuChange },
  actor: ActingPerson,
): Promise<Persona> => {
  requireCan(actor.access, 'personas.edit')
  await lockVoice(tx, accountId)
  const { menu } = await getPersona(tx, accountId)
  return updatePersona(tx, { accountId, change: { menu: applyTo(menu, change) } }, actor)
}
