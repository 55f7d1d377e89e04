type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** What was given, without what was left out: filters tell "not asked" from "asked for nothing". */
export const given = <T extends object>(parts: T): Given<T> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Given<T>
