import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type TenantDetail = RouteOutput<typeof api.tenants.get>
