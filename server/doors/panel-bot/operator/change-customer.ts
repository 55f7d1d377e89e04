import { invalid } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { grantCustomerDays, noticeMembers, setCustomerState } from '#server/modules/admin/index.ts'

import { askConfirmation } from '../ask-confirmation.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { dayText, isolate, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'
import { type Target, withTarget } from './find-target.ts'

const DAY_CHOICES = [7, 14, 30, 90] as const

const toDetail = (talk: Talk, { tenantId }: Target): PanelButton => ({
  label: talk.t('operator.button.detail'),
  action: 'det',
  tenantId,
})

const changeState = async (talk: Talk, target: Target, state: 'active' | 'suspended'): Promise<Reply> => {
  const actor = actingOperator(talk)
  const change = { state, reason: talk.t('operator.state.reason') }
  const { isChanged } = await asOperator(talk.deps.db, 'state of a customer', (tx) =>
    setCustomerState(tx, target.tenantId, change, actor),
  )
  const said = isChanged ? `operator.state.${state}` : `operator.state.${state}Already`
  const undo =
    state === 'suspended'
      ? { label: talk.t('operator.button.undoSuspend'), action: 'act.on', tenantId: target.tenantId }
      : { label: talk.t('operator.button.undoActivate'), action: 'deac.off', tenantId: target.tenantId }
  return { text: say(talk, said, { name: isolate(target.name) }), rows: [[undo], [toDetail(talk, target)]] }
}

export const activate: PanelCommand = {
  key: 'act',
  name: 'musteri_aktif',
  aliases: ['activate'],
  audience: 'operator',
  needs: 'tenants.activate',
  about: 'operator.about.activate',
  run: (talk) => withTarget(talk, 'act.on', (target) => changeState(talk, target, 'active')),
  actions: { on: { run: (talk) => withTarget(talk, 'act.on', (target) => changeState(talk, target, 'active')) } },
}

const suspendQuestion = (talk: Talk, { name }: Target): string =>
  say(talk, 'operator.state.sure', { name: isolate(name) })

/** Sending stops with the commit: the guard asks for the tenant's state before every send. */
export const deactivate: PanelCommand = {
  key: 'deac',
  name: 'musteri_pasif',
  aliases: ['deactivate'],
  audience: 'operator',
  needs: 'tenants.activate',
  about: 'operator.about.deactivate',
  run: (talk) =>
    withTarget(talk, 'deac.off', (target) =>
      askConfirmation(talk, {
        action: 'deac.off',
        tenantId: target.tenantId,
        question: suspendQuestion(talk, target),
        back: 'det',
      }),
    ),
  actions: {
    off: {
      confirm: async (talk) => {
        const { text = '' } = await withTarget(talk, 'deac.off', (target) => ({ text: suspendQuestion(talk, target) }))
        return text
      },
      run: (talk) => withTarget(talk, 'deac.off', (target) => changeState(talk, target, 'suspended')),
    },
  },
}

const give = async (talk: Talk, target: Target, given: string | undefined): Promise<Reply> => {
  if (given === undefined) {
    const buttons = DAY_CHOICES.map((days) => ({
      label: talk.t('operator.grant.days', { number: days }),
      action: 'gift.give',
      args: [days],
      tenantId: target.tenantId,
    }))
    return {
      text: say(talk, 'operator.grant.ask', { name: isolate(target.name) }),
      rows: [buttons, [toDetail(talk, target)]],
    }
  }
  const days = /^\+?\d{1,4}$/.test(given) ? Number(given) : Number.NaN
  if (Number.isNaN(days)) throw invalid('grant_days_expected', 'days', { given: given.slice(0, 20), max: 366 })
  const actor = actingOperator(talk)
  const { subscription, isNew } = await asOperator(talk.deps.db, 'days for a customer', async (tx) => {
    const gift = { days, reference: talk.reference }
    const granted = await grantCustomerDays(tx, target.tenantId, gift, actor)
    const endsDayAt = granted.subscription.periodEndsAt ?? 0
    const told = { kind: 'subscription_active', dedupeKey: `subscription_active:${talk.reference}` } as const
    const params = { package: granted.subscription.package, endsDayAt }
    if (granted.isNew) await noticeMembers(tx, target.tenantId, { ...told, params }, actor.at)
    return granted
  })
  const { periodEndsAt } = subscription
  const day = periodEndsAt === null ? '' : dayText(talk, periodEndsAt)
  const params = { name: isolate(target.name), number: days, day }
  return {
    text: say(talk, isNew ? 'operator.grant.done' : 'operator.grant.known', params),
    rows: [[toDetail(talk, target)]],
  }
}

export const grant: PanelCommand = {
  key: 'gift',
  name: 'lisans',
  aliases: ['grant', 'license'],
  audience: 'operator',
  needs: 'licences.extend',
  about: 'operator.about.grant',
  run: (talk) => withTarget(talk, 'gift.give', (target, [days]) => give(talk, target, days)),
  actions: { give: { run: (talk) => withTarget(talk, 'gift.give', (target, [days]) => give(talk, target, days)) } },
}
