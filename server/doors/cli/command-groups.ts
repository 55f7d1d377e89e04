import type { CommandGroup } from './command.ts'
import { accounts } from './commands/accounts.ts'
import { audit } from './commands/audit.ts'
import { campaigns } from './commands/campaigns.ts'
import { chat } from './commands/chat.ts'
import { contacts } from './commands/contacts.ts'
import { crm } from './commands/crm.ts'
import { deliveries } from './commands/deliveries.ts'
import { doctor } from './commands/doctor.ts'
import { drafts } from './commands/drafts.ts'
import { figures } from './commands/figures.ts'
import { funnels } from './commands/funnels.ts'
import { groups } from './commands/groups.ts'
import { guard } from './commands/guard.ts'
import { inbox } from './commands/inbox.ts'
import { invites } from './commands/invites.ts'
import { keys } from './commands/keys.ts'
import { killSwitch } from './commands/kill-switch.ts'
import { llm } from './commands/llm.ts'
import { members } from './commands/members.ts'
import { onboarding } from './commands/onboarding.ts'
import { operators } from './commands/operators.ts'
import { orders } from './commands/orders.ts'
import { packages } from './commands/packages.ts'
import { payments } from './commands/payments.ts'
import { personas } from './commands/personas.ts'
import { referrals } from './commands/referrals.ts'
import { pipelines } from './commands/pipelines.ts'
import { products } from './commands/products.ts'
import { revenue } from './commands/revenue.ts'
import { rules } from './commands/rules.ts'
import { segments } from './commands/segments.ts'
import { slots } from './commands/slots.ts'
import { simulator } from './commands/simulator.ts'
import { status } from './commands/status.ts'
import { strategies } from './commands/strategies.ts'
import { templates } from './commands/templates.ts'
import { tenants } from './commands/tenants.ts'
import { tickets } from './commands/tickets.ts'
import { updates } from './commands/updates.ts'
import { webhooks } from './commands/webhooks.ts'

/** Every command, in the order of the help: a first look, then the work, then care. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  status,
  figures,
  crm,
  doctor,
  accounts,
  personas,
  rules,
  llm,
  contacts,
  pipelines,
  inbox,
  drafts,
  groups,
  invites,
  referrals,
  segments,
  strategies,
  templates,
  slots,
  campaigns,
  products,
  funnels,
  orders,
  deliveries,
  killSwitch,
  guard,
  updates,
  tenants,
  packages,
  onboarding,
  payments,
  revenue,
  tickets,
  members,
  operators,
  keys,
  webhooks,
  audit,
  simulator,
  chat,
]
