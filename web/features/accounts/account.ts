import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type Account = RouteOutput<typeof api.accounts.list>['items'][number]
export type Sending = RouteOutput<typeof api.accounts.list>['sending']

/** A colour that its words can be read on, by how an account is. */
export const STATE_COLOURS: Readonly<Record<Account['state'], string>> = {
  active: 'teal.9',
  paused: 'orange.9',
  disconnected: 'gray.7',
}
export const HEALTH_COLOURS: Readonly<Record<Account['health']['state'], string>> = {
  normal: 'teal.9',
  slowed: 'orange.9',
  stopped: 'red.9',
}
