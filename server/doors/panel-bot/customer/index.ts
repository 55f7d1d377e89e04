import type { PanelCommand } from '../panel-command.ts'
import { cancel } from './cancel.ts'
import { help } from './help.ts'
import { language } from './language.ts'
import { paySupport, privacy } from './notices.ts'
import { start } from './start.ts'

/** What customers, and those who may become ones, can ask for. */
export const CUSTOMER_COMMANDS: readonly PanelCommand[] = [start, help, language, privacy, paySupport, cancel]
