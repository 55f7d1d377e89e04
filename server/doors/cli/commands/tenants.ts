import { LOCALES, PACKAGES } from '#contract/words.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import { type OperatorTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { getSubscription, listUsage } from '#server/modules/billing/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { type Tenant, findTenant, listMembers, listTenants, setTenantState } from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderPairs, renderTable } from '../present/table.ts'

const stateOf = ({ t }: CliContext, row: Tenant): string => row.sendingStopped ?? t(`words:tenantState.${row.state}`)

const list = command({
  name: 'list',
  run: async (context) => asOperator(await context.db(), 'command line', listTenants),
  render: (context, rows) =>
    renderTable(
      context.terminal,
      [
        { title: context.t('column.slug'), value: (row) => row.slug },
        { title: context.t('column.name'), value: (row) => row.name },
        { title: context.t('column.languages'), value: (row) => row.locale },
        { title: context.t('tenants.timeZone'), value: (row) => row.timeZone },
        { title: context.t('column.state'), value: (row) => stateOf(context, row) },
      ],
      rows,
      context.t('tenants.none'),
    ),
})

const bySlug = async (tx: OperatorTx, slug: string): Promise<Tenant> => {
  const tenant = await findTenant(tx, slug)
  if (!tenant) throw notFound('tenant', slug)
  return tenant
}

const show = command({
  name: 'show',
  args: [{ name: 'slug' }],
  run: async (context, input) => {
    const db = await context.db()
    const tenant = await asOperator(db, 'command line', (tx) => bySlug(tx, input.arg('slug')))
    return inTenant(db, tenant.id, async (tx) => ({
      ...tenant,
      subscription: await getSubscription(tx),
      usage: await listUsage(tx, context.now()),
      members: (await listMembers(tx)).length,
    }))
  },
  render: (context, { subscription, usage, ...tenant }) => {
    const { t, terminal, formats } = context
    const { periodEndsAt } = subscription
    const pairs = renderPairs(terminal, [
      [t('column.name'), tenant.name],
      [t('column.state'), stateOf(context, tenant)],
      [t('packages.package'), t(`words:package.${subscription.package}`)],
      [t('packages.subscription'), t(`words:subscriptionState.${subscription.state}`)],
      [
        t('packages.endsAt'),
        periodEndsAt === null ? t('packages.noEnd') : formats.instant(periodEndsAt, tenant.timeZone),
      ],
      [t('packages.extraBots'), subscription.extraBots],
      [t('members.title'), tenant.members],
    ])
    const table = renderTable(
      terminal,
      [
        { title: t('packages.limit'), value: (row) => t(`words:entitlement.${row.name}`) },
        { title: t('packages.used'), value: (row) => formats.number(row.used), align: 'right' },
        {
          title: t('packages.allowed'),
          value: (row) => (row.limit === null ? t('packages.unlimited') : formats.number(row.limit)),
          align: 'right',
        },
        {
          title: t('packages.resets'),
          value: (row) => (row.resetAt === null ? '' : formats.relative(row.resetAt, context.now())),
        },
      ],
      usage,
      '',
    )
    return `${pairs}\n\n${table}`
  },
})

const create = command({
  name: 'create',
  args: [{ name: 'slug' }],
  options: [
    { name: 'name', value: 'text' },
    { name: 'sender', value: 'text' },
    { name: 'locale', value: 'language' },
    { name: 'time-zone', value: 'zone' },
    { name: 'package', value: 'package' },
  ],
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const slug = input.arg('slug')
    const [senderName, locale, timeZone] = [
      input.text('sender'),
      input.oneOf('locale', LOCALES),
      input.text('time-zone'),
    ]
    const wanted = {
      slug,
      name: input.text('name') ?? slug,
      ...(senderName !== null && { senderName }),
      ...(locale !== null && { locale }),
      ...(timeZone !== null && { timeZone }),
      package: input.oneOf('package', PACKAGES) ?? 'trial',
    }
    return setUpTenant(await context.db(), wanted, { by: ACTOR, at: context.now() })
  },
  render: ({ t }, tenant) => t('tenants.created', { slug: tenant.slug, name: tenant.name }),
})

const set = (context: CliContext, slug: string, state: Tenant['state'], reason: string): Promise<Tenant> =>
  context.changeInstallation(async (tx) =>
    setTenantState(tx, (await bySlug(tx, slug)).id, { state, reason }, { by: ACTOR, at: context.now() }),
  )

const activate = command({
  name: 'activate',
  args: [{ name: 'slug' }],
  options: [{ name: 'reason', value: 'text' }],
  run: (context, input) =>
    set(context, input.arg('slug'), 'active', input.text('reason') ?? context.t('tenants.byHand')),
  render: ({ t }, { slug }) => t('tenants.activated', { slug }),
})

const deactivate = command({
  name: 'deactivate',
  args: [{ name: 'slug' }],
  options: [{ name: 'reason', value: 'text', required: true }],
  run: async (context, input) => {
    const slug = input.arg('slug')
    await context.confirm(context.t('tenants.deactivateSure', { slug }))
    return set(context, slug, 'suspended', input.text('reason') ?? '')
  },
  render: ({ t }, { slug }) => t('tenants.deactivated', { slug }),
})

export const tenants: CommandGroup = { name: 'tenants', commands: [list, show, create, activate, deactivate] }
