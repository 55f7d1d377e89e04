import { invalid } from '#server/base/errors.ts'
import { describeAccount } from '#server/modules/conversations/index.ts'
import { type AccountHealthReport, reportHealth, reviewHealth } from '#server/modules/delivery/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { type AnyCommand, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderHealth } from '../present/account-health.ts'
import { renderAccountSettings } from '../present/account-settings.ts'

const renderAll = async (context: CliContext, reports: readonly AccountHealthReport[]): Promise<string> => {
  const { timeZone } = await context.tenant()
  return reports.map((report) => renderHealth(context, report, timeZone)).join('\n\n') || context.t('accounts.none')
}

const health = command<readonly AccountHealthReport[]>({
  name: 'health',
  args: [{ name: 'action', optional: true }],
  options: [{ name: 'account', value: 'id' }, MEMBER_OPTION],
  run: async (context, input) => {
    const [action, accountId] = [input.findArg('action'), input.whole('account', 1, Number.MAX_SAFE_INTEGER)]
    if (action === null)
      return context.read(async (tx) =>
        reportHealth(tx, { accountId, now: context.now() }, await actingMember(tx, context, input)),
      )
    input.argOf('action', ['resume'])
    if (accountId === null) throw invalid('argument_missing', '--account')
    await context.confirm(context.t('health.resumeSure', { id: accountId }))
    return context.change(async (tx) => [await reviewHealth(tx, accountId, await actingMember(tx, context, input))])
  },
  render: renderAll,
})

const settings = command({
  name: 'settings',
  args: [{ name: 'account' }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.read(async (tx) =>
      describeAccount(
        tx,
        { accountId: input.id('account'), now: context.now() },
        await actingMember(tx, context, input),
      ),
    ),
  render: async (context, result) => renderAccountSettings(context, result, (await context.tenant()).timeZone),
})

/** How an account goes on and why, and every setting that holds for it. */
export const accountHealth: readonly AnyCommand[] = [health, settings]
