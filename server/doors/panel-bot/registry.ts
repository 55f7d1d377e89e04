import { CUSTOMER_COMMANDS } from './customer/index.ts'
import { OPERATOR_COMMANDS } from './operator/index.ts'
import type { PanelCommand } from './panel-command.ts'

/** Every command of the panel bot. Help, menus, documentation and tests are made from these rows. */
export const PANEL_COMMANDS: readonly PanelCommand[] = [...CUSTOMER_COMMANDS, ...OPERATOR_COMMANDS]
