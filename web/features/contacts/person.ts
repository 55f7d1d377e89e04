import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type Person = RouteOutput<typeof api.contacts.get>
