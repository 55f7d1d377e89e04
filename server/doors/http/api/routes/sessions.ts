import { OPERATOR_ACTIONS, TENANT_ACTIONS } from '#contract/actions.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { enterMiniApp, findPanelAccount } from '#server/modules/accounts/index.ts'
import {
  type Access,
  type CurrentSession,
  endWebSession,
  findOperator,
  listMemberships,
  listWebSessions,
} from '#server/modules/tenancy/index.ts'

import { actionsOf, listStandings, operatorAccess, rawOperatorAccess } from '../admit.ts'
import type { Handlers } from '../call.ts'
import { sessionOf } from '../session-of.ts'

/** What the panel says about a second factor. */
const adviceOn = (
  access: Access,
  { secondFactor }: CurrentSession,
  isRequired: boolean,
): 'unneeded' | 'advised' | 'required' | 'on' => {
  if (secondFactor === 'passed') return 'on'
  if (access.kind !== 'operator') return 'unneeded'
  return isRequired ? 'required' : 'advised'
}

export const sessionRoutes: Handlers['sessions'] = (deps) => ({
  async ways() {
    const panel = await asOperator(deps.db, 'the panel bot', findPanelAccount)
    return { telegram: deps.hasTelegramSignIn, panelBot: panel?.username ?? null }
  },
  async openMiniApp({ body: { initData }, device }) {
    const { sessionToken, expiresAt } = await enterMiniApp(deps.miniApp, { initData, device }, deps.pace.now())
    return { token: sessionToken, expiresAt }
  },
  get: (call) =>
    asOperator(deps.db, 'who is signed in', async (tx) => {
      const session = sessionOf(call)
      const { telegramId } = session
      const operator = telegramId === null ? null : await findOperator(tx, telegramId)
      const [member] = telegramId === null ? [] : await listMemberships(tx, telegramId)
      const standings = await listStandings(tx, deps, session)
      return {
        name: operator?.name ?? member?.name ?? null,
        now: call.at,
        version: deps.version,
        operatorActions: actionsOf(await operatorAccess(tx, deps, session), OPERATOR_ACTIONS),
        secondFactor: adviceOn(await rawOperatorAccess(tx, session), session, deps.isSecondFactorRequired),
        tenants: standings.map(({ tenant, access }) => ({
          id: tenant.id,
          slug: tenant.slug,
          name: tenant.name,
          locale: tenant.locale,
          timeZone: tenant.timeZone,
          isSuspended: tenant.state === 'suspended',
          role: access.kind === 'member' ? access.role : null,
          actions: actionsOf(access, TENANT_ACTIONS),
        })),
      }
    }),
  async listDevices(call) {
    const own = sessionOf(call)
    const items = await listWebSessions(deps.db, own, deps.pace.now())
    return { items: items.map((session) => ({ ...session, isThisOne: session.id === own.id })) }
  },
  async endDevice(call) {
    await endWebSession(deps.db, sessionOf(call), call.params.id, deps.pace.now())
    return {}
  },
  async end(call) {
    const session = sessionOf(call)
    await endWebSession(deps.db, session, session.id, deps.pace.now())
    return {}
  },
})
