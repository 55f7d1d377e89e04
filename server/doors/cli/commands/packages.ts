import { PACKAGES, type PackageName } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { CATALOGUE, COUNTED, type Package, findPackageByName } from '#server/modules/billing/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderPairs, renderTable } from '../present/table.ts'

interface Sold extends Package {
  readonly name: PackageName
}

const soldAs = (name: PackageName): Sold => ({ name, ...CATALOGUE.packages[name] })

const priceOf = ({ t, formats }: CliContext, { priceMinor }: Package): string =>
  priceMinor === null ? t('packages.byAgreement') : formats.money(priceMinor, CATALOGUE.currency)

const limitText = ({ t, formats }: CliContext, limit: number | null): string =>
  limit === null ? t('packages.unlimited') : formats.number(limit)

const list = command({
  name: 'list',
  run: () => Promise.resolve({ version: CATALOGUE.version, packages: PACKAGES.map(soldAs) }),
  render: (context, { version, packages: sold }) => {
    const { t, terminal } = context
    const table = renderTable(
      terminal,
      [
        { title: t('packages.package'), value: (row) => t(`words:package.${row.name}`) },
        { title: t('packages.price'), value: (row) => priceOf(context, row), align: 'right' },
        ...COUNTED.map((counted) => ({
          title: t(`words:entitlement.${counted}`),
          value: (row: Sold) => limitText(context, row.limits[counted]),
          align: 'right' as const,
        })),
      ],
      sold,
      '',
    )
    return `${table}\n\n${t('packages.version', { version, days: CATALOGUE.periodDays })}`
  },
})

const show = command({
  name: 'show',
  args: [{ name: 'package' }],
  run: (_context, input) => {
    const given = input.arg('package')
    const name = findPackageByName(given)
    if (name === null)
      throw invalid('word_expected', 'package', { given: given.slice(0, 40), words: PACKAGES.join(', ') })
    return Promise.resolve(soldAs(name))
  },
  render: (context, sold) => {
    const { t, terminal, formats } = context
    const { features, pace, support } = sold
    return renderPairs(terminal, [
      [t('packages.package'), t(`words:package.${sold.name}`)],
      [t('packages.aliases'), sold.aliases.join(', ')],
      [t('packages.price'), priceOf(context, sold)],
      ...COUNTED.map(
        (counted) => [t(`words:entitlement.${counted}`), limitText(context, sold.limits[counted])] as const,
      ),
      [t('packages.perMinute'), limitText(context, pace.perMinuteMax)],
      [t('packages.groupCooldown'), formats.number(pace.groupPostCooldownSeconds)],
      [t('packages.replyModes'), features.replyModes.map((mode) => t(`words:replyMode.${mode}`)).join(', ')],
      ...(['crm', 'optimiser', 'funnel', 'analytics', 'spam'] as const).map(
        (tier) => [t(`words:tier.${tier}`), t(`words:level.${features[tier]}`)] as const,
      ),
      [t('packages.inviteRatio'), formats.percent(sold.inviteRatio, 0)],
      [t('packages.productPrice'), formats.money(sold.productPriceMinor, CATALOGUE.currency)],
      [
        t('packages.support'),
        `${support.days === null ? t('packages.always') : t('packages.days', { count: support.days })}, ${support.channels.join(', ')}`,
      ],
    ])
  },
})

export const packages: CommandGroup = { name: 'packages', commands: [list, show] }
