import type { SessionKeySlot } from '#server/gateways/telegram/user-session.ts'

/** As the permanent key's slot is stored: Telegram numbers temporary keys from 0. */
const PERMANENT_SLOT = -1

export const slotOf = ({ index }: SessionKeySlot): number => index ?? PERMANENT_SLOT

/** What a sealed data key is bound to. */
export const tenantKeyContext = (tenantId: number): string => `tenant_key:${tenantId}`

/** What a sealed value of a session is bound to: it opens for no other tenant, session or name. */
export const sessionValueContext = (tenantId: number, sessionId: number, name: string): string =>
  `user_session.value:${tenantId}:${sessionId}:${name}`

/** What a sealed key of a session is bound to: it opens for no other tenant, session, data centre or slot. */
export const sessionKeyContext = (tenantId: number, sessionId: number, dc: number, slot: number): string =>
  `user_session.key:${tenantId}:${sessionId}:${dc}:${slot}`
