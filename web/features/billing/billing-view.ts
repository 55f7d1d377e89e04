import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type BillingView = RouteOutput<typeof api.billing.get>
export type SoldPackage = BillingView['packages'][number]
export type OrderPreview = RouteOutput<typeof api.billing.preview>
export type Payment = RouteOutput<typeof api.billing.order>
