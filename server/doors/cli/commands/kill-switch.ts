import { invalid } from '#server/base/errors.ts'
import { resumeAccountSending, stopAccountSending } from '#server/modules/accounts/index.ts'
import {
  resumeAllSending,
  resumeTenantSending,
  stopAllSending,
  stopTenantSending,
} from '#server/modules/tenancy/index.ts'

import { type CommandGroup, type OptionSpec, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'

/** Whom the switch is for: one account, everybody, or the tenant. */
type Scope =
  | { readonly kind: 'account'; readonly id: number }
  | { readonly kind: 'everybody' }
  | { readonly kind: 'tenant' }

const SCOPE_OPTIONS: readonly OptionSpec[] = [{ name: 'account', value: 'id' }, { name: 'global' }]

const scopeOf = (input: CommandInput): Scope => {
  const id = input.whole('account', 1, Number.MAX_SAFE_INTEGER)
  if (input.isOn('global') && id !== null) throw invalid('one_scope', '--global')
  if (input.isOn('global')) return { kind: 'everybody' }
  return id === null ? { kind: 'tenant' } : { kind: 'account', id }
}

const stop = async (context: CliContext, scope: Scope, reason: string): Promise<void> => {
  const actor = { by: ACTOR, at: context.now() }
  switch (scope.kind) {
    case 'everybody':
      return context.changeInstallation((tx) => stopAllSending(tx, reason, actor))
    case 'tenant':
      return context.change((tx) => stopTenantSending(tx, tx.tenantId, reason, actor))
    case 'account':
      return context.change((tx) => stopAccountSending(tx, scope.id, reason, actor))
  }
}

const resume = async (context: CliContext, scope: Scope): Promise<void> => {
  const actor = { by: ACTOR, at: context.now() }
  switch (scope.kind) {
    case 'everybody':
      return context.changeInstallation((tx) => resumeAllSending(tx, actor))
    case 'tenant':
      return context.change((tx) => resumeTenantSending(tx, tx.tenantId, actor))
    case 'account':
      return context.change((tx) => resumeAccountSending(tx, scope.id, actor))
  }
}

/** Stopping asks nothing: a kill switch must work at once. */
const on = command({
  name: 'on',
  options: [...SCOPE_OPTIONS, { name: 'reason', value: 'text', required: true }],
  run: async (context, input) => {
    const scope = scopeOf(input)
    const reason = input.text('reason') ?? ''
    await stop(context, scope, reason)
    return { scope, stopped: true, reason }
  },
  render: ({ t }, { scope }) => t(`killSwitch.on.${scope.kind}`, { id: scope.kind === 'account' ? scope.id : '' }),
})

const off = command({
  name: 'off',
  options: SCOPE_OPTIONS,
  run: async (context, input) => {
    const scope = scopeOf(input)
    await context.confirm(context.t(`killSwitch.sure.${scope.kind}`, { id: scope.kind === 'account' ? scope.id : '' }))
    await resume(context, scope)
    return { scope, stopped: false }
  },
  render: ({ t }, { scope }) => t(`killSwitch.off.${scope.kind}`, { id: scope.kind === 'account' ? scope.id : '' }),
})

export const killSwitch: CommandGroup = { name: 'kill-switch', commands: [on, off] }
