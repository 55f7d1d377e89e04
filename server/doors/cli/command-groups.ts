import type { CommandGroup } from './command.ts'
import { contacts } from './commands/contacts.ts'
import { deliveries } from './commands/deliveries.ts'
import { doctor } from './commands/doctor.ts'
import { guard } from './commands/guard.ts'
import { segments } from './commands/segments.ts'
import { simulator } from './commands/simulator.ts'
import { status } from './commands/status.ts'
import { strategies } from './commands/strategies.ts'
import { templates } from './commands/templates.ts'
import { tenants } from './commands/tenants.ts'

/** Every command, in the order of the help: a first look, then the work, then care. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  status,
  doctor,
  contacts,
  segments,
  strategies,
  templates,
  deliveries,
  guard,
  tenants,
  simulator,
]
