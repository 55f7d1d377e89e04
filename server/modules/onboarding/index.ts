export { setUpTenant } from './set-up-tenant.ts'
