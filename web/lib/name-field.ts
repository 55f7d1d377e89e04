import { isolated } from './isolated.ts'

const SPECIAL = /[.*+?^${}()|[\]\\]/g

/** What the server said of a field, with the field called as the form calls it. */
export const nameField = (detail: string, field: string, name: string): string =>
  detail.replace(new RegExp(`(?<![\\p{L}\\w.])${field.replace(SPECIAL, '\\$&')}(?![\\p{L}\\w.[])`, 'u'), () =>
    isolated(name),
  )
