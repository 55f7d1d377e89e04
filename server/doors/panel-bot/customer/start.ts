import { joinTenant } from '#server/modules/onboarding/index.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { findTenant } from '#server/modules/tenancy/index.ts'

import { admit } from '../admit.ts'
import { chooseTenant } from '../choose-tenant.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { isolate, say } from '../say.ts'
import type { Talk } from '../talk.ts'
import { firstRows, renderHelp } from './help.ts'

/** What a deep link `t.me/<bot>?start=<payload>` asks for, by its first letters. */
const INVITATION = /^inv_([A-Za-z0-9_-]{20,60})$/
/** A page of ours sends people back with the screen they came for. */
const PAGES: Readonly<Record<string, string>> = {
  onboarding: 'onb',
  paid: 'onb',
  linked: 'onb',
  accounts: 'acc',
  licence: 'lic',
}

const greet = (talk: Talk): Reply => {
  const { memberships, operator, name } = talk.speaker
  const key = operator !== null ? 'operator' : memberships.length > 0 ? 'member' : 'stranger'
  const greeting = say(talk, `start.${key}`, { name: isolate(name) })
  const text = key === 'stranger' ? `${greeting}\n\n${talk.t('start.notice')}` : `${greeting}\n\n${renderHelp(talk)}`
  return { text, rows: firstRows(talk) }
}

/** Applied twice, the second finds the person inside: that is no refusal. */
const join = async (talk: Talk, token: string): Promise<Reply> => {
  const { telegramId, name } = talk.speaker
  const member = await joinTenant(talk.deps.db, { token, telegramId, name }, talk.at)
  const tenant = await asOperator(talk.deps.db, 'greet a new member', (tx) => findTenant(tx, member.tenantId))
  const role = talk.t(`role.${member.role}`)
  return {
    text: say(talk, 'start.joined', { tenant: isolate(tenant?.name ?? ''), role }),
    rows: [[{ label: talk.t('button.dashboard'), action: 'dash', tenantId: member.tenantId }]],
  }
}

const run = async (talk: Talk): Promise<Reply> => {
  const payload = talk.args[0] ?? ''
  const token = INVITATION.exec(payload)?.[1]
  if (token !== undefined) return join(talk, token)
  const key = PAGES[payload]
  const command = talk.commands.find((row) => row.key === key)
  if (!command) return greet(talk)
  const asked = { ...talk, args: [] }
  const admission = admit(command, talk.speaker, 0)
  if (admission.kind === 'choose') return chooseTenant(asked, command)
  if (admission.kind !== 'in') return greet(talk)
  const shown = await command.run({ ...asked, tenant: admission.tenant })
  return { ...shown, tenantId: shown.tenantId ?? admission.tenant?.id ?? 0 }
}

export const start: PanelCommand = {
  key: 'go',
  name: 'start',
  aliases: [],
  audience: 'anyone',
  about: 'command.start',
  run,
}
