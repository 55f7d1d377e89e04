export { joinTenant } from './join-tenant.ts'
export { setUpTenant } from './set-up-tenant.ts'
