import { LOCALES } from '#contract/words.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { seedStrategies } from '#server/modules/delivery/index.ts'
import { seedSegmentRules } from '#server/modules/segments/index.ts'
import { seedTemplates } from '#server/modules/templates/index.ts'
import { PACKAGES, createTenant, listTenants } from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { ACTOR } from '../context.ts'
import { renderTable } from '../present/table.ts'

const list = command({
  name: 'list',
  run: async (context) => asOperator(await context.db(), 'command line', listTenants),
  render: ({ t, terminal }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('column.slug'), value: (row) => row.slug },
        { title: t('column.name'), value: (row) => row.name },
        { title: t('column.languages'), value: (row) => row.locale },
        { title: t('tenants.timeZone'), value: (row) => row.timeZone },
        { title: t('tenants.sending'), value: (row) => row.sendingStopped ?? t('talk.on') },
      ],
      rows,
      t('tenants.none'),
    ),
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
    const slug = input.arg('slug')
    const [senderName, locale, timeZone] = [
      input.text('sender'),
      input.oneOf('locale', LOCALES),
      input.text('time-zone'),
    ]
    const at = context.now()
    const tenant = await context.changeInstallation(async (tx) => {
      const created = await createTenant(
        tx,
        {
          slug,
          name: input.text('name') ?? slug,
          ...(senderName !== null && { senderName }),
          ...(locale !== null && { locale }),
          ...(timeZone !== null && { timeZone }),
          package: input.oneOf('package', PACKAGES) ?? 'trial',
        },
        { by: ACTOR, at },
      )
      await seedSegmentRules(tx, created.id, at)
      return created
    })
    if (!context.options.dryRun) {
      await inTenant(await context.db(), tenant.id, async (tx) => {
        await seedStrategies(tx, at)
        await seedTemplates(tx, at)
      })
    }
    return tenant
  },
  render: ({ t }, tenant) => t('tenants.created', { slug: tenant.slug, name: tenant.name }),
})

export const tenants: CommandGroup = { name: 'tenants', commands: [list, create] }
