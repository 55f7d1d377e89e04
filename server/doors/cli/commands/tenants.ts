import { LOCALES, PACKAGES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { listTenants } from '#server/modules/tenancy/index.ts'

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

export const tenants: CommandGroup = { name: 'tenants', commands: [list, create] }
