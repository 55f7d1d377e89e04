export { seedTenant, setUpTenant } from './set-up-tenant.ts'
