import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'

import { campaignSearch, campaignsSearch } from '../features/campaigns/campaign-search.ts'
import { contactSearch } from '../features/contacts/contact-search.ts'
import { wizardSearch } from '../features/campaigns/wizard-search.ts'
import { groupSearch, groupsSearch } from '../features/groups/groups-search.ts'
import { inboxSearch } from '../features/inbox/inbox-search.ts'
import { integrationsSearch } from '../features/integrations/integrations-search.ts'
import {
  auditSearch,
  errorsSearch,
  paymentsSearch,
  tenantsSearch,
  ticketsSearch,
} from '../features/installation/installation-search.ts'
import { reportsSearch } from '../features/reports/reports-search.ts'
import { rulesSearch } from '../features/rules/rules-search.ts'
import { settingsSearch } from '../features/settings/settings-search.ts'
import { templateSearch, templatesSearch } from '../features/templates/template-search.ts'
import { type Search, textIn } from '../lib/search.ts'
import { Panel } from './panel.tsx'

const root = createRootRoute({
  component: Panel,
  validateSearch: (search: Search) => ({ tenant: textIn(search, 'tenant') }),
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./home.tsx'), 'Home'),
})

const contacts = createRoute({
  getParentRoute: () => root,
  path: '/contacts',
  validateSearch: contactSearch,
  component: lazyRouteComponent(() => import('../features/contacts/contacts.tsx'), 'Contacts'),
})

const contact = createRoute({
  getParentRoute: () => root,
  path: '/contacts/$id',
  component: lazyRouteComponent(() => import('../features/contacts/contact.tsx'), 'Contact'),
})

const segments = createRoute({
  getParentRoute: () => root,
  path: '/segments',
  component: lazyRouteComponent(() => import('../features/segments/segments.tsx'), 'Segments'),
})

const segment = createRoute({
  getParentRoute: () => root,
  path: '/segments/$segment',
  component: lazyRouteComponent(() => import('../features/segments/segment-strategy.tsx'), 'SegmentStrategy'),
})

const ownSegment = createRoute({
  getParentRoute: () => root,
  path: '/segments/own/$id',
  component: lazyRouteComponent(() => import('../features/segments/own-segment.tsx'), 'OwnSegment'),
})

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  validateSearch: inboxSearch,
  component: lazyRouteComponent(() => import('../features/inbox/inbox.tsx'), 'Inbox'),
})

const campaigns = createRoute({
  getParentRoute: () => root,
  path: '/campaigns',
  validateSearch: campaignsSearch,
  component: lazyRouteComponent(() => import('../features/campaigns/campaigns.tsx'), 'Campaigns'),
})

const campaign = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/$id',
  validateSearch: campaignSearch,
  component: lazyRouteComponent(() => import('../features/campaigns/campaign.tsx'), 'Campaign'),
})

const reports = createRoute({
  getParentRoute: () => root,
  path: '/reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('../features/reports/reports.tsx'), 'Reports'),
})

const groups = createRoute({
  getParentRoute: () => root,
  path: '/groups',
  validateSearch: groupsSearch,
  component: lazyRouteComponent(() => import('../features/groups/groups.tsx'), 'Groups'),
})

const group = createRoute({
  getParentRoute: () => root,
  path: '/groups/$id',
  validateSearch: groupSearch,
  component: lazyRouteComponent(() => import('../features/groups/group.tsx'), 'GroupPage'),
})

const accounts = createRoute({
  getParentRoute: () => root,
  path: '/accounts',
  component: lazyRouteComponent(() => import('../features/accounts/accounts.tsx'), 'Accounts'),
})

const linkAccount = createRoute({
  getParentRoute: () => root,
  path: '/accounts/new',
  component: lazyRouteComponent(() => import('../features/accounts/link-account.tsx'), 'LinkAccount'),
})

const start = createRoute({
  getParentRoute: () => root,
  path: '/start',
  component: lazyRouteComponent(() => import('../features/start/start.tsx'), 'Start'),
})

const billing = createRoute({
  getParentRoute: () => root,
  path: '/billing',
  component: lazyRouteComponent(() => import('../features/billing/billing.tsx'), 'Billing'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('../features/settings/settings.tsx'), 'Settings'),
})

const newCampaign = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/new',
  validateSearch: wizardSearch,
  component: lazyRouteComponent(() => import('../features/campaigns/new-campaign.tsx'), 'NewCampaign'),
})

const templates = createRoute({
  getParentRoute: () => root,
  path: '/templates',
  validateSearch: templatesSearch,
  component: lazyRouteComponent(() => import('../features/templates/templates.tsx'), 'Templates'),
})

const newTemplate = createRoute({
  getParentRoute: () => root,
  path: '/templates/new',
  validateSearch: templateSearch,
  component: lazyRouteComponent(() => import('../features/templates/template.tsx'), 'NewTemplate'),
})

const template = createRoute({
  getParentRoute: () => root,
  path: '/templates/$id',
  validateSearch: templateSearch,
  component: lazyRouteComponent(() => import('../features/templates/template.tsx'), 'Template'),
})

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: rulesSearch,
  component: lazyRouteComponent(() => import('../features/rules/rules.tsx'), 'Rules'),
})

const newRule = createRoute({
  getParentRoute: () => root,
  path: '/rules/new',
  validateSearch: rulesSearch,
  component: lazyRouteComponent(() => import('../features/rules/rule.tsx'), 'NewRule'),
})

const rule = createRoute({
  getParentRoute: () => root,
  path: '/rules/$id',
  component: lazyRouteComponent(() => import('../features/rules/rule.tsx'), 'RulePage'),
})

const autoReplies = createRoute({
  getParentRoute: () => root,
  path: '/auto-replies',
  component: lazyRouteComponent(() => import('../features/auto-replies/auto-replies.tsx'), 'AutoReplies'),
})

const persona = createRoute({
  getParentRoute: () => root,
  path: '/auto-replies/$id',
  component: lazyRouteComponent(() => import('../features/auto-replies/persona-page.tsx'), 'PersonaPage'),
})

const integrations = createRoute({
  getParentRoute: () => root,
  path: '/integrations',
  validateSearch: integrationsSearch,
  component: lazyRouteComponent(() => import('../features/integrations/integrations.tsx'), 'Integrations'),
})

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  component: lazyRouteComponent(() => import('../features/sessions/devices.tsx'), 'Devices'),
})

const security = createRoute({
  getParentRoute: () => root,
  path: '/security',
  component: lazyRouteComponent(() => import('../features/security/security.tsx'), 'Security'),
})

const installation = createRoute({
  getParentRoute: () => root,
  path: '/installation',
  component: lazyRouteComponent(() => import('../features/installation/installation.tsx'), 'Installation'),
})

const tenants = createRoute({
  getParentRoute: () => root,
  path: '/installation/tenants',
  validateSearch: tenantsSearch,
  component: lazyRouteComponent(() => import('../features/installation/tenants.tsx'), 'Tenants'),
})

const installationTenant = createRoute({
  getParentRoute: () => root,
  path: '/installation/tenants/$id',
  component: lazyRouteComponent(() => import('../features/installation/tenant.tsx'), 'InstallationTenant'),
})

const payments = createRoute({
  getParentRoute: () => root,
  path: '/installation/payments',
  validateSearch: paymentsSearch,
  component: lazyRouteComponent(() => import('../features/installation/payments.tsx'), 'Payments'),
})

const errors = createRoute({
  getParentRoute: () => root,
  path: '/installation/errors',
  validateSearch: errorsSearch,
  component: lazyRouteComponent(() => import('../features/installation/errors.tsx'), 'Errors'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/installation/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('../features/installation/audit.tsx'), 'Audit'),
})

const tickets = createRoute({
  getParentRoute: () => root,
  path: '/installation/tickets',
  validateSearch: ticketsSearch,
  component: lazyRouteComponent(() => import('../features/installation/tickets.tsx'), 'Tickets'),
})

const ticket = createRoute({
  getParentRoute: () => root,
  path: '/installation/tickets/$id',
  component: lazyRouteComponent(() => import('../features/installation/ticket.tsx'), 'Ticket'),
})

/** Every screen of the panel; each is loaded when it is first looked at. */
export const createPanelRouter = () =>
  createRouter({
    routeTree: root.addChildren([
      overview,
      contacts,
      contact,
      segments,
      segment,
      ownSegment,
      inbox,
      campaigns,
      campaign,
      reports,
      groups,
      group,
      newCampaign,
      templates,
      newTemplate,
      template,
      autoReplies,
      persona,
      rules,
      newRule,
      rule,
      accounts,
      linkAccount,
      start,
      billing,
      settings,
      integrations,
      devices,
      security,
      installation,
      tenants,
      installationTenant,
      payments,
      errors,
      audit,
      tickets,
      ticket,
    ]),
    basepath: '/app',
    defaultPreload: 'intent',
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPanelRouter>
  }
}
