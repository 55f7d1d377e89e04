import { accounts } from './accounts.ts'
import { analytics } from './analytics.ts'
import { billing } from './billing.ts'
import { campaigns } from './campaigns.ts'
import { contacts } from './contacts.ts'
import { conversations } from './conversations.ts'
import { deliveries } from './deliveries.ts'
import { drafts } from './drafts.ts'
import { groups } from './groups.ts'
import { keys } from './keys.ts'
import { layouts } from './layouts.ts'
import { links } from './links.ts'
import { llm } from './llm.ts'
import { members } from './members.ts'
import { rules } from './rules.ts'
import { savedReplies } from './saved-replies.ts'
import { installation } from './installation.ts'
import { ownSegments } from './own-segments.ts'
import { paymentQueue } from './payment-queue.ts'
import { posts } from './posts.ts'
import { personas } from './personas.ts'
import { replies } from './replies.ts'
import { secondFactor } from './second-factor.ts'
import { segments } from './segments.ts'
import { sessions } from './sessions.ts'
import { start } from './start.ts'
import { strategies } from './strategies.ts'
import { tenant } from './tenant.ts'
import { tenants } from './tenants.ts'
import { ticketQueue } from './ticket-queue.ts'
import { templates } from './templates.ts'
import { webhooks } from './webhooks.ts'

/** Every route of the server, by room and name. What is named here is answered, described and tested. */
export const api = {
  sessions,
  analytics,
  layouts,
  groups,
  posts,
  campaigns,
  deliveries,
  contacts,
  conversations,
  savedReplies,
  rules,
  drafts,
  segments,
  ownSegments,
  strategies,
  personas,
  replies,
  llm,
  accounts,
  billing,
  members,
  tenant,
  secondFactor,
  installation,
  tenants,
  paymentQueue,
  ticketQueue,
  templates,
  keys,
  webhooks,
  start,
  links,
} as const
export type Api = typeof api
