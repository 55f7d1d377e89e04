import { type Search, wordIn } from '../../lib/search.ts'

export const SETTINGS_PARTS = ['general', 'team', 'brand', 'model'] as const

/** Which part of the settings the address shows; the first when it names none. */
export const settingsSearch = (search: Search) => ({ part: wordIn(search, 'part', SETTINGS_PARTS) })
