interface Named {
  readonly id: number
  readonly firstName: string | null
  readonly lastName: string | null
}

/** Their name, or their number for those who may not see it. */
export const nameOf = ({ id, firstName, lastName }: Named): string =>
  [firstName, lastName].filter(Boolean).join(' ') || `#${id}`
