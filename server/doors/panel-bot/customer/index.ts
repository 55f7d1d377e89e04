import type { PanelCommand } from '../panel-command.ts'
import { accounts } from './accounts.ts'
import { cancel } from './cancel.ts'
import { dashboard } from './dashboard.ts'
import { help } from './help.ts'
import { language } from './language.ts'
import { licence } from './licence.ts'
import { linking } from '../linking/linking.ts'
import { modes } from './modes.ts'
import { paySupport, privacy } from './notices.ts'
import { onboarding } from '../onboarding/onboarding.ts'
import { consents, erase, myData } from './own-record.ts'
import { resumeSending, stopSending } from './sending.ts'
import { settings } from './settings.ts'
import { start } from './start.ts'
import { statistics } from './statistics.ts'
import { support } from './support.ts'
import { web } from './web.ts'

/** What customers, and those who may become ones, can ask for; in the order of help and menus. */
export const CUSTOMER_COMMANDS: readonly PanelCommand[] = [
  start,
  onboarding,
  dashboard,
  web,
  accounts,
  linking,
  modes,
  settings,
  statistics,
  stopSending,
  resumeSending,
  licence,
  support,
  myData,
  erase,
  consents,
  privacy,
  paySupport,
  language,
  help,
  cancel,
]
