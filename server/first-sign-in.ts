import type { App } from './app.ts'
import { AppError } from './base/errors.ts'
import { asOperator } from './db/tenant-scope.ts'
import { createSignInLink, findTenant, listOperators } from './modules/tenancy/index.ts'

/**
 * The address that opens the web panel for whoever started the server: of a demo always, otherwise while nobody runs the
 * installation yet. Null when there are operators, who ask their panel bot, or when too many links were made.
 */
export const offerFirstSignIn = async (app: App, demoSlug: string | null): Promise<string | null> => {
  const { db } = app.database
  const [operators, tenant] = await asOperator(db, 'first sign-in', async (tx) => [
    await listOperators(tx),
    demoSlug === null ? null : await findTenant(tx, demoSlug),
  ])
  if (tenant === null && operators.length > 0) return null
  const now = app.pace.now()
  try {
    const { path } = await createSignInLink(db, { telegramId: null, tenantId: tenant?.id ?? null }, now)
    // The port that was asked for may have been any.
    return `${app.config.publicUrl ?? `http://localhost:${new URL(app.address()).port}`}${path}`
  } catch (error) {
    // Somebody who starts the server over and over still starts it.
    if (error instanceof AppError && error.kind === 'rate_limited') return null
    throw error
  }
}
