import { type ChatVoice, getChatVoice, setChatVoice } from '#server/modules/posts/index.ts'

import { command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { manyLines, renderPairs } from '../present/table.ts'
import { asOwner } from './members.ts'

const ID_MAX = Number.MAX_SAFE_INTEGER

const renderVoice = ({ t, terminal }: CliContext, voice: ChatVoice | null): string => {
  if (!voice) return t('groups.silent')
  const onOff = (isOn: boolean) => t(`groups.yesNo.${isOn ? 'yes' : 'no'}`)
  return [
    renderPairs(terminal, [
      [t('column.account'), voice.accountId],
      [t('groups.postingOn'), onOff(voice.isPostingOn)],
      [t('groups.gather'), voice.welcomeGatherSeconds],
      [t('groups.replaces'), onOff(voice.welcomeReplaces)],
    ]),
    `${t('groups.welcomeText')}\n${voice.welcomeText === null ? t('groups.noText') : manyLines(voice.welcomeText)}`,
    `${t('groups.rulesText')}\n${voice.rulesText === null ? t('groups.noText') : manyLines(voice.rulesText)}`,
  ].join('\n\n')
}

/** `-` takes a text away. */
const textIn = (given: string | null): { readonly text?: string | null } =>
  given === null ? {} : { text: given === '-' ? null : given }

/** `groups welcome`: what newcomers of a group are told. */
export const welcome = command({
  name: 'welcome',
  args: [{ name: 'group' }],
  options: [
    { name: 'text', value: 'html' },
    { name: 'account', value: 'id' },
    { name: 'gather', value: 'seconds' },
    { name: 'replaces', value: 'on|off' },
  ],
  run: (context, input) => {
    const { text } = textIn(input.text('text'))
    const accountId = input.whole('account', 1, ID_MAX)
    const gather = input.whole('gather', 0, 100_000)
    const replaces = input.oneOf('replaces', ['on', 'off'])
    const change = {
      ...(text !== undefined && { welcomeText: text }),
      ...(accountId !== null && { accountId }),
      ...(gather !== null && { welcomeGatherSeconds: gather }),
      ...(replaces !== null && { welcomeReplaces: replaces === 'on' }),
    }
    return context.change((tx) => {
      const chatId = input.id('group')
      return Object.keys(change).length === 0
        ? getChatVoice(tx, chatId)
        : setChatVoice(tx, { chatId, ...change }, asOwner(context))
    })
  },
  render: renderVoice,
})

/** `groups rules`: what a group answers to `/kurallar`. */
export const rules = command({
  name: 'rules',
  args: [{ name: 'group' }],
  options: [
    { name: 'text', value: 'html' },
    { name: 'account', value: 'id' },
  ],
  run: (context, input) => {
    const { text } = textIn(input.text('text'))
    const accountId = input.whole('account', 1, ID_MAX)
    const change = { ...(text !== undefined && { rulesText: text }), ...(accountId !== null && { accountId }) }
    return context.change((tx) => {
      const chatId = input.id('group')
      return Object.keys(change).length === 0
        ? getChatVoice(tx, chatId)
        : setChatVoice(tx, { chatId, ...change }, asOwner(context))
    })
  },
  render: renderVoice,
})
