import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type FactorCall,
  can,
  confirmSecondFactor,
  enrolSecondFactor,
  findOperator,
  passSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  viewSecondFactor,
} from '#server/modules/tenancy/index.ts'

import { drawQr } from '../../pages/qr-code.ts'
import { rawOperatorAccess } from '../admit.ts'
import type { Handlers, SessionCall } from '../call.ts'
import { sessionOf } from '../session-of.ts'

export const secondFactorRoutes: Handlers['secondFactor'] = (deps) => {
  const { db, box } = deps
  const factorCall = (call: SessionCall): FactorCall => ({
    db,
    box,
    session: sessionOf(call),
    now: deps.pace.now(),
    at: call.at,
  })
  const accessOf = (call: SessionCall) =>
    asOperator(db, 'who sets up a second factor', (tx) => rawOperatorAccess(tx, sessionOf(call)))
  return {
    async get(call) {
      const session = sessionOf(call)
      return {
        ...(await viewSecondFactor(db, session)),
        isPassed: session.secondFactor === 'passed',
        mayEnrol: can(await accessOf(call), 'installation.view'),
        isRequired: deps.isSecondFactorRequired,
      }
    },
    async pass(call) {
      await passSecondFactor(factorCall(call), call.body.code)
      return {}
    },
    async enrol(call) {
      const { telegramId } = sessionOf(call)
      const operator =
        telegramId === null ? null : await asOperator(db, 'an operator', (tx) => findOperator(tx, telegramId))
      const { secret, uri } = await enrolSecondFactor(factorCall(call), await accessOf(call), operator?.name ?? '')
      return { secret, qr: drawQr(uri) }
    },
    confirm: async (call) => ({
      recoveryCodes: await confirmSecondFactor(factorCall(call), await accessOf(call), call.body.code),
    }),
    renewRecoveryCodes: async (call) => ({
      recoveryCodes: await renewRecoveryCodes(factorCall(call), call.body.code),
    }),
    async remove(call) {
      await removeSecondFactor(factorCall(call), call.body.code)
      return {}
    },
  }
}
