import type { PanelCommand } from '../panel-command.ts'

/** What those who run the installation can ask for. */
export const OPERATOR_COMMANDS: readonly PanelCommand[] = []
