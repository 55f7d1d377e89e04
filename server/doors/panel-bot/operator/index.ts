import { asOperator } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import { type Talk, actingOperator } from '../talk.ts'
import { message, muting } from './announce.ts'
import { tickets } from './answer-tickets.ts'
import { activate, deactivate, grant } from './change-customer.ts'
import { payments } from './decide-payments.ts'
import { customers } from './list-customers.ts'
import { backup, bots, faults, killSwitch, status } from './oversee.ts'
import { customerDetail, customerPanel, log } from './show-customer.ts'

const recordUse = async (talk: Talk, { name }: PanelCommand): Promise<void> => {
  const { by, at } = actingOperator(talk)
  const [target] = talk.args
  await asOperator(talk.deps.db, 'audit of the panel', (tx) =>
    recordAudit(tx, {
      tenantId: talk.tenant?.id ?? null,
      actor: by,
      action: `panel.${name}`,
      ...(target !== undefined && { target: target.slice(0, 64) }),
      at,
    }),
  )
}

/** The audit log has every command of operators, also those that only look; what they change has lines of its own. */
const withAudit = (command: PanelCommand): PanelCommand =>
  command.audience === 'operator'
    ? {
        ...command,
        run: async (talk) => {
          await recordUse(talk, command)
          return command.run(talk)
        },
      }
    : command

/** What those who run the installation can ask for, in the order of their help. */
export const OPERATOR_COMMANDS: readonly PanelCommand[] = [
  customers,
  customerDetail,
  customerPanel,
  activate,
  deactivate,
  grant,
  payments,
  tickets,
  message,
  status,
  bots,
  faults,
  log,
  backup,
  killSwitch,
  muting,
].map(withAudit)
