/** Below these no tenant is needed. The router's paths begin below where the panel is. */
const WITHOUT_TENANT = /^\/(?:installation|security|devices)(?:\/|$)/

export const needsTenant = (path: string): boolean => !WITHOUT_TENANT.test(path)
