import { WEBHOOK_DELIVERY_STATES } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type EndpointWithSecret,
  type WebhookDelivery,
  type WebhookEndpoint,
  addEndpoint,
  changeEndpoint,
  listDeliveries,
  listEndpoints,
  removeEndpoint,
  replayDelivery,
  replayFailed,
  rotateSecret,
  testEndpoint,
} from '#server/modules/webhooks/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { renderTable } from '../present/table.ts'
import { asOwner } from './members.ts'

/** As long as the log is kept. */
const LOG_MS = 30 * DAY_MS
const ID_MAX = Number.MAX_SAFE_INTEGER

const stateText = ({ t }: CliContext, { state, disabledReason, failingSince }: WebhookEndpoint): string => {
  const word = t(`words:webhookState.${state}`)
  if (disabledReason !== null) return `${word}: ${t(`words:webhookDisabling.${disabledReason}`)}`
  return failingSince === null ? word : `${word}, ${t('webhooks.failing')}`
}

const renderEndpoints = (context: CliContext, rows: readonly WebhookEndpoint[]): string => {
  const { t, terminal, formats, now } = context
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('webhooks.url'), value: (row) => row.url },
      { title: t('webhooks.events'), value: (row) => row.kinds.join(' ') },
      { title: t('column.state'), value: (row) => stateText(context, row) },
      {
        title: t('webhooks.lastSuccess'),
        value: (row) => (row.lastSuccessAt === null ? t('keys.never') : formats.relative(row.lastSuccessAt, now())),
      },
      { title: t('webhooks.waiting'), value: (row) => row.waiting, align: 'right' },
      { title: t('webhooks.failed'), value: (row) => row.failed, align: 'right' },
    ],
    rows,
    t('webhooks.none'),
  )
}

const renderWithSecret = (context: CliContext, made: EndpointWithSecret): string =>
  [context.t('webhooks.secret', { secret: made.secret }), renderEndpoints(context, [made])].join('\n\n')

const lastText = ({ t }: CliContext, { last }: WebhookDelivery): string => {
  if (last === null) return ''
  return last.status === null ? t(`words:webhookFault.${last.fault ?? 'cut_off'}`) : String(last.status)
}

const renderDeliveries = (context: CliContext, rows: readonly WebhookDelivery[]): string => {
  const { t, terminal, formats, now } = context
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('webhooks.webhook'), value: (row) => row.endpointId, align: 'right' },
      { title: t('column.kind'), value: (row) => row.kind },
      { title: t('column.state'), value: (row) => t(`words:webhookDeliveryState.${row.state}`) },
      { title: t('column.attempts'), value: (row) => row.attempts, align: 'right' },
      { title: t('webhooks.answer'), value: (row) => lastText(context, row) },
      {
        title: t('webhooks.next'),
        value: (row) => (row.nextAt === null ? '' : formats.relative(row.nextAt, now())),
      },
      { title: t('webhooks.written'), value: (row) => formats.relative(row.createdAt, now()) },
    ],
    rows,
    t('webhooks.noDeliveries'),
  )
}

const list = command({
  name: 'list',
  run: (context) => context.read((tx) => listEndpoints(tx)),
  render: renderEndpoints,
})

const add = command({
  name: 'add',
  args: [{ name: 'webhook-name' }, { name: 'url' }],
  options: [{ name: 'event', value: 'kind', many: true }],
  run: async (context, input) => {
    // What a dry run made would have a secret that signs nothing.
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const wanted = { name: input.arg('webhook-name'), url: input.arg('url'), kinds: input.texts('event') }
    const access = await context.host.webhooks()
    return context.change((tx) => addEndpoint(tx, access, wanted, asOwner(context)))
  },
  render: renderWithSecret,
})

const setState = (name: 'pause' | 'resume', state: 'paused' | 'active') =>
  command({
    name,
    args: [{ name: 'webhook' }],
    run: async (context, input) => {
      const id = input.id('webhook')
      const access = await context.host.webhooks()
      return context.change((tx) => changeEndpoint(tx, access, id, { state }, asOwner(context)))
    },
    render: (context, endpoint) => renderEndpoints(context, [endpoint]),
  })

const rotate = command({
  name: 'rotate',
  args: [{ name: 'webhook' }],
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const id = input.id('webhook')
    const access = await context.host.webhooks()
    return context.change((tx) => rotateSecret(tx, access, id, asOwner(context), access.clock.now()))
  },
  render: renderWithSecret,
})

const remove = command({
  name: 'remove',
  args: [{ name: 'webhook' }],
  run: async (context, input) => {
    const id = input.id('webhook')
    await context.confirm(context.t('webhooks.removeSure', { id }))
    await context.change((tx) => removeEndpoint(tx, id, asOwner(context)))
    return { id, removed: true }
  },
  render: ({ t }, { id }) => t('webhooks.removed', { id }),
})

const test = command({
  name: 'test',
  args: [{ name: 'webhook' }],
  run: async (context, input) => {
    // A real call is made, so there is nothing to rehearse.
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const id = input.id('webhook')
    const deps = { ...(await context.host.webhooks()), db: await context.db() }
    return testEndpoint(deps, (await context.tenant()).id, id, asOwner(context))
  },
  render: (context, delivery) => renderDeliveries(context, [delivery]),
  exitCode: ({ state }) => (state === 'delivered' ? EXIT.ok : EXIT.refused),
})

const replay = command({
  name: 'replay',
  args: [{ name: 'webhook' }],
  options: [
    { name: 'since', value: 'instant' },
    { name: 'delivery', value: 'id' },
  ],
  run: async (context, input) => {
    const endpointId = input.id('webhook')
    const delivery = input.whole('delivery', 1, ID_MAX)
    const since = input.instant('since')
    const now = (await context.host.webhooks()).clock.now()
    const actor = asOwner(context)
    return context.change(async (tx) => {
      if (delivery === null)
        return { count: await replayFailed(tx, { endpointId, since: since ?? now - LOG_MS }, actor, now) }
      await replayDelivery(tx, delivery, actor, now)
      return { count: 1 }
    })
  },
  render: ({ t }, { count }) => t('webhooks.replayed', { count }),
})

const deliveries = command({
  name: 'deliveries',
  options: [
    { name: 'webhook', value: 'id' },
    { name: 'state', value: WEBHOOK_DELIVERY_STATES.join('|') },
    { name: 'before', value: 'id' },
    { name: 'limit', value: 'count' },
  ],
  run: (context, input) => {
    const [endpointId, beforeId] = [input.whole('webhook', 1, ID_MAX), input.whole('before', 1, ID_MAX)]
    const state = input.oneOf('state', WEBHOOK_DELIVERY_STATES)
    const filter = {
      limit: input.whole('limit', 1, 500) ?? 50,
      ...(endpointId !== null && { endpointId }),
      ...(beforeId !== null && { beforeId }),
      ...(state !== null && { state }),
    }
    return context.read((tx) => listDeliveries(tx, filter))
  },
  render: renderDeliveries,
})

export const webhooks: CommandGroup = {
  name: 'webhooks',
  commands: [
    list,
    add,
    setState('pause', 'paused'),
    setState('resume', 'active'),
    rotate,
    remove,
    test,
    replay,
    deliveries,
  ],
}
