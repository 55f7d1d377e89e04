import { can } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { PanelButton, Reply } from '../reply.ts'
import type { Talk } from '../talk.ts'

/** What the speaker can ask for: nothing is listed that would be refused. */
const isOffered = ({ audience, needs, isHidden }: PanelCommand, talk: Talk): boolean => {
  if (isHidden === true) return false
  const { operator, memberships } = talk.speaker
  if (audience === 'anyone') return true
  if (audience === 'operator')
    return operator !== null && (needs === undefined || can({ kind: 'operator', role: operator.role }, needs))
  return memberships.some(({ role }) => needs === undefined || can({ kind: 'member', role }, needs))
}

const lineOf = (talk: Talk, command: PanelCommand): string => `/${command.name} – ${talk.t(command.about)}`

const SECTIONS = ['member', 'operator', 'anyone'] as const

/** Commands by whom they are for, those of the speaker alone. */
export const renderHelp = (talk: Talk): string => {
  const offered = talk.commands.filter((command) => isOffered(command, talk))
  const blocks = SECTIONS.flatMap((audience) => {
    const lines = offered.filter((command) => command.audience === audience).map((command) => lineOf(talk, command))
    return lines.length === 0 ? [] : [`<b>${talk.t(`help.${audience}`)}</b>\n${lines.join('\n')}`]
  })
  return [talk.t('help.title'), ...blocks].join('\n\n')
}

/** The first buttons of everybody: where they go on. */
export const firstRows = (talk: Talk): readonly (readonly PanelButton[])[] => {
  const button = (action: string, label: string): PanelButton => ({ label: talk.t(label), action, tenantId: 0 })
  const { operator, memberships } = talk.speaker
  if (memberships.length > 0)
    return [
      [button('dash', 'button.dashboard'), button('acc', 'button.accounts')],
      [button('lic', 'button.licence'), button('tic', 'button.support')],
    ]
  return operator === null
    ? [[button('onb', 'button.begin')], [button('tic', 'button.support')]]
    : [[button('dash', 'button.dashboard')]]
}

const run = (talk: Talk): Reply => ({ text: renderHelp(talk), rows: firstRows(talk) })

export const help: PanelCommand = {
  key: 'help',
  name: 'yardim',
  aliases: ['help', 'menu'],
  audience: 'anyone',
  about: 'command.help',
  run,
}
