import { invalid } from '#server/base/errors.ts'

import type { MenuEntry, MenuItem } from './persona.rules.ts'

type Menu = readonly MenuItem[]

/** Where an entry stands, from 1: the second of the menu, or the third below the second. */
interface Place {
  readonly top: number
  readonly below: number | null
}

/** `2` or `2.3`. Errors: `invalid/field_form`. */
const parsePlace = (written: string): Place => {
  const [, top, below] = /^(\d{1,3})(?:[.](\d{1,3}))?$/.exec(written.trim()) ?? []
  if (top === undefined) throw invalid('field_form', 'place', { example: '2, 2.1' })
  return { top: Number(top), below: below === undefined ? null : Number(below) }
}

const within = (position: number, count: number): number => {
  if (position < 1 || position > count) throw invalid('persona_menu_place', 'place', { count })
  return position - 1
}

const insert = <T>(list: readonly T[], position: number | null, item: T): readonly T[] =>
  list.toSpliced(position === null ? list.length : within(position, list.length + 1), 0, item)

/** The menu with the entries below one of its items changed. */
const changeBelow = (menu: Menu, top: number, change: (items: readonly MenuEntry[]) => readonly MenuEntry[]): Menu => {
  const at = within(top, menu.length)
  return menu.map((item, i) => {
    if (i !== at) return item
    const { items: before = [], ...rest } = item
    const items = change(before)
    return items.length > 0 ? { ...rest, items } : rest
  })
}

/**
 * The menu with an entry more: at a place, or last; `under` puts it below an item. Errors: `invalid/persona_menu_place`,
 * `invalid/field_form`.
 */
export const addEntry = (
  menu: Menu,
  entry: MenuEntry,
  { at = null, under = null }: { readonly at?: number | null; readonly under?: string | null } = {},
): Menu => {
  if (under === null) return insert(menu, at, entry)
  const { top, below } = parsePlace(under)
  // One level: what is below something has nothing below it.
  if (below !== null) throw invalid('field_form', 'under', { example: '2' })
  return changeBelow(menu, top, (items) => insert(items, at, entry))
}

/** What of an entry changes; null takes product or link away. */
export interface EntryChange {
  readonly label?: string
  readonly text?: string
  readonly product?: string | null
  readonly link?: string | null
}

const applyChange = <T extends MenuEntry>(entry: T, { label, text, product, link }: EntryChange): T => {
  const { product: formerProduct, link: formerLink, ...rest } = entry
  const newProduct = product === undefined ? formerProduct : product
  const newLink = link === undefined ? formerLink : link
  return {
    ...(rest as unknown as T),
    ...(label !== undefined && { label }),
    ...(text !== undefined && { text }),
    ...(newProduct != null && { product: newProduct }),
    ...(newLink != null && { link: newLink }),
  }
}

/** The menu with one entry changed. Errors: as {@link addEntry}. */
export const editEntry = (menu: Menu, place: string, change: EntryChange): Menu => {
  const { top, below } = parsePlace(place)
  if (below === null) return menu.with(within(top, menu.length), applyChange(itemAt(menu, top), change))
  return changeBelow(menu, top, (items) => {
    const at = within(below, items.length)
    return items.map((entry, i) => (i === at ? applyChange(entry, change) : entry))
  })
}

const itemAt = (menu: Menu, top: number): MenuItem => {
  const item = menu[within(top, menu.length)]
  if (!item) throw new Error('a place within the menu holds nothing')
  return item
}

/** The menu without one entry and what is below it. Errors: as {@link addEntry}. */
export const removeEntry = (menu: Menu, place: string): Menu => {
  const { top, below } = parsePlace(place)
  if (below === null) return menu.toSpliced(within(top, menu.length), 1)
  return changeBelow(menu, top, (items) => items.toSpliced(within(below, items.length), 1))
}

const move = <T>(list: readonly T[], from: number, to: number): readonly T[] => {
  const [moved] = list.slice(within(from, list.length), from)
  if (moved === undefined) throw new Error('a place within the menu holds nothing')
  return list.toSpliced(from - 1, 1).toSpliced(within(to, list.length), 0, moved)
}

/** The menu with one entry at another place among its own. Errors: as {@link addEntry}. */
export const moveEntry = (menu: Menu, place: string, to: number): Menu => {
  const { top, below } = parsePlace(place)
  return below === null ? move(menu, top, to) : changeBelow(menu, top, (items) => move(items, below, to))
}
