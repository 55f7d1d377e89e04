import { writeFile } from 'node:fs/promises'

import { GROUP_INTENSITIES, LOCALES, REPLY_MODES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Account, getAccount, listAccounts } from '#server/modules/accounts/index.ts'
import {
  type AccountSettingsView,
  type Persona,
  type PersonaContent,
  type PersonaImport,
  createPersonaFromPackage,
  exportPersona,
  findPersona,
  getAccountSettings,
  importPersona,
  intensityOf,
  setAnswering,
  setGroupIntensity,
  setInviteRatio,
  setProductPrice,
  setReplyMode,
  updatePersona,
} from '#server/modules/conversations/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { manyLines, renderPairs, renderTable } from '../present/table.ts'
import { readJsonObject } from '../read-json-file.ts'
import { paint } from '../terminal.ts'
import { knowledge } from './persona-knowledge.ts'
import { greeting, menu } from './persona-menu.ts'

interface Voice {
  readonly account: Account
  /** Null for an account that has none yet. */
  readonly persona: Persona | null
  readonly settings: AccountSettingsView
}

const readVoice = async (tx: TenantTx, accountId: number, at: number): Promise<Voice> => ({
  account: await getAccount(tx, accountId),
  persona: await findPersona(tx, accountId),
  settings: await getAccountSettings(tx, accountId, at),
})

const modeText = ({ t }: CliContext, { chosen, effective }: AccountSettingsView): string => {
  const holds = t(`words:replyMode.${effective.replyMode}`)
  return chosen.replyMode === effective.replyMode
    ? holds
    : t('personas.fallsBack', { holds, chosen: t(`words:replyMode.${chosen.replyMode}`) })
}

const renderVoices = (context: CliContext, voices: readonly Voice[]): string => {
  const { t, terminal, formats } = context
  return renderTable(
    terminal,
    [
      { title: t('column.account'), value: ({ account }) => account.id, align: 'right' },
      { title: t('column.name'), value: ({ account, persona }) => persona?.displayName ?? account.displayName },
      { title: t('column.version'), value: ({ persona }) => persona?.version ?? t('personas.noneYet'), align: 'right' },
      { title: t('personas.replyMode'), value: ({ settings }) => modeText(context, settings) },
      {
        title: t('personas.inviteRatio'),
        value: ({ settings }) => formats.percent(settings.effective.inviteRatio, 0),
        align: 'right',
      },
      {
        title: t('personas.groups'),
        value: ({ settings }) => t(`words:groupIntensity.${intensityOf(settings.effective.groupPlacements)}`),
      },
      {
        title: t('personas.price'),
        value: ({ settings }) => formats.money(settings.chosen.productPriceMinor, settings.chosen.productCurrency),
        align: 'right',
      },
    ],
    voices,
    t('accounts.none'),
  )
}

const renderContent = ({ t, terminal, formats }: CliContext, persona: PersonaContent): string => {
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    [
      t('personas.catalogue'),
      persona.facts.catalogue.map((i) => `${i.name}: ${formats.money(i.priceMinor, i.currency)}`),
    ],
    [t('personas.faq'), persona.facts.faq.map(({ question, answer }) => `${question}\n  ${answer}`)],
    [t('personas.notes'), persona.facts.notes],
    [t('personas.doNots'), persona.doNots],
    [t('personas.menu'), persona.menu.map(({ label, text }) => `${label}: ${text}`)],
    [t('personas.sampleReplies'), persona.sampleReplies.map(({ asked, answered }) => `${asked}\n  ${answered}`)],
  ]
  return [
    renderPairs(terminal, [
      [t('column.name'), persona.displayName],
      [t('personas.language'), persona.language],
      [t('personas.tone'), persona.tone],
      [t('column.style'), persona.style],
      [t('personas.greeting'), persona.greeting],
    ]),
    ...blocks
      .filter(([, lines]) => lines.length > 0)
      .map(([title, lines]) => `${paint(terminal, 'bold', title)}\n${manyLines(lines.join('\n'))}`),
  ].join('\n\n')
}

const renderAnswering = ({ t, terminal, formats }: CliContext, { settings }: Voice): string => {
  const { draftLifeMinutes, holdingMessage, confidenceMin, sendsFollowUps } = settings.effective
  return renderPairs(terminal, [
    [t('personas.draftLife'), t('personas.minutes', { minutes: draftLifeMinutes })],
    [t('personas.holdingMessage'), holdingMessage || t('personas.noneYet')],
    [t('personas.confidence'), formats.percent(confidenceMin, 0)],
    [t('personas.followUps'), t(sendsFollowUps ? 'personas.on' : 'personas.off')],
  ])
}

const renderVoice = (context: CliContext, voice: Voice): string =>
  [
    renderVoices(context, [voice]),
    renderAnswering(context, voice),
    voice.persona ? renderContent(context, voice.persona) : context.t('personas.howToBegin', { id: voice.account.id }),
  ].join('\n\n')

const list = command({
  name: 'list',
  run: (context) =>
    context.read(async (tx) => {
      const voices: Voice[] = []
      for (const { id, state } of await listAccounts(tx))
        if (state !== 'disconnected') voices.push(await readVoice(tx, id, context.now()))
      return voices
    }),
  render: renderVoices,
})

const show = command({
  name: 'show',
  args: [{ name: 'account' }],
  run: (context, input) => context.read((tx) => readVoice(tx, input.id('account'), context.now())),
  render: renderVoice,
})

const renderImport = (context: CliContext, result: PersonaImport): string => {
  const { t, terminal } = context
  const changes = [
    ...result.changedFields.map((field) => t('personas.fieldChanges', { field })),
    ...result.changedSettings.map((change) =>
      t('personas.settingChanges', { ...change, before: `${change.before}`, after: `${change.after}` }),
    ),
  ]
  const ignored = result.ignored.map(({ field, reason, liftedBy }) => {
    const why = t(`words:personaIgnored.${reason}`)
    return `${field}: ${liftedBy === undefined ? why : `${why} (${t(`words:package.${liftedBy}`)})`}`
  })
  return [
    paint(terminal, 'bold', t(result.isApplied ? 'personas.imported' : 'personas.preview', { id: result.accountId })),
    changes.length > 0 ? changes.join('\n') : t('personas.nothingChanges'),
    ...(ignored.length > 0 ? [`${paint(terminal, 'bold', t('personas.ignored'))}\n${ignored.join('\n')}`] : []),
    renderContent(context, result.persona),
  ].join('\n\n')
}

const importOne = command({
  name: 'import',
  args: [{ name: 'account' }, { name: 'persona-file' }],
  run: async (context, input) => {
    const json = await readJsonObject('persona-file', input.arg('persona-file'))
    const isPreview = context.options.dryRun
    return context.change((tx) =>
      importPersona(tx, { accountId: input.id('account'), json, isPreview }, { by: ACTOR, at: context.now() }),
    )
  },
  render: renderImport,
})

const exportOne = command({
  name: 'export',
  args: [{ name: 'account' }],
  options: [{ name: 'output', value: 'file' }],
  run: async (context, input) => {
    const persona = await context.read((tx) => exportPersona(tx, input.id('account'), context.now()))
    const output = input.text('output')
    if (output === null || context.options.dryRun) return persona
    try {
      await writeFile(output, `${JSON.stringify(persona, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
    } catch (error) {
      throw invalid('file_not_written', '--output', {
        path: output,
        problem: (error as NodeJS.ErrnoException).code ?? '',
      })
    }
    context.note(context.t('talk.written', { path: output }))
    return { accountId: input.id('account'), output }
  },
  render: (_context, result) => ('format' in result ? JSON.stringify(result, null, 2) : ''),
})

const contentIn = (input: CommandInput): Partial<PersonaContent> => {
  const [displayName, tone, style, greeting] = ['display-name', 'tone', 'voice-style', 'greeting'].map((o) =>
    input.text(o),
  )
  const language = input.oneOf('language', LOCALES)
  return {
    ...(displayName != null && { displayName }),
    ...(tone != null && { tone }),
    ...(style != null && { style }),
    ...(greeting != null && { greeting }),
    ...(language !== null && { language }),
  }
}

const MINOR_MAX = 1_000_000_000

/** What of the reply modes was given beside the mode itself. */
const answeringIn = (input: CommandInput) => {
  const [draftLifeMinutes, confidenceMin] = [input.number('draft-life', 1, 10_080), input.number('confidence', 0, 1)]
  const [holdingMessage, followUps] = [input.text('holding-message'), input.oneOf('follow-ups', ['on', 'off'])]
  return {
    ...(draftLifeMinutes !== null && { draftLifeMinutes }),
    ...(confidenceMin !== null && { confidenceMin }),
    ...(holdingMessage != null && { holdingMessage: holdingMessage === '-' ? '' : holdingMessage }),
    ...(followUps !== null && { sendsFollowUps: followUps === 'on' }),
  }
}

const changeVoice = async (context: CliContext, tx: TenantTx, input: CommandInput): Promise<void> => {
  const actor = { by: ACTOR, at: context.now() }
  const account = await getAccount(tx, input.id('account'))
  const accountId = account.id
  const { locale } = await context.tenant()
  const { limits } = await getAccountSettings(tx, accountId, actor.at)
  const begin = { accountId, package: limits.package, locale, displayName: account.displayName }
  await createPersonaFromPackage(tx, begin, actor.at, actor.by)
  const [mode, ratio] = [input.oneOf('mode', REPLY_MODES), input.number('invite-ratio', 0, 1)]
  const [intensity, price] = [input.oneOf('groups', GROUP_INTENSITIES), input.number('price', 0, MINOR_MAX)]
  const currency = input.text('currency')?.toUpperCase()
  if (mode !== null) await setReplyMode(tx, { accountId, mode }, actor)
  if (ratio !== null) await setInviteRatio(tx, { accountId, ratio }, actor)
  if (intensity !== null) await setGroupIntensity(tx, { accountId, intensity }, actor)
  if (price !== null) {
    const priceMinor = Math.round(price * 100)
    await setProductPrice(tx, { accountId, priceMinor, ...(currency !== undefined && { currency }) }, actor)
  }
  const answering = answeringIn(input)
  if (Object.keys(answering).length > 0) await setAnswering(tx, { accountId, ...answering }, actor)
  const change = contentIn(input)
  if (Object.keys(change).length > 0) await updatePersona(tx, { accountId, change }, actor)
}

const set = command({
  name: 'set',
  args: [{ name: 'account' }],
  options: [
    { name: 'mode', value: 'manual|hybrid|ai' },
    { name: 'invite-ratio', value: '0-1' },
    { name: 'groups', value: 'none|simple|intense|very_intense' },
    { name: 'price', value: 'amount' },
    { name: 'currency', value: 'TRY' },
    { name: 'draft-life', value: 'minutes' },
    { name: 'holding-message', value: 'text' },
    { name: 'confidence', value: '0-1' },
    { name: 'follow-ups', value: 'on|off' },
    { name: 'display-name', value: 'text' },
    { name: 'tone', value: 'text' },
    { name: 'voice-style', value: 'text' },
    { name: 'greeting', value: 'text' },
    { name: 'language', value: 'tr|en|ru|ar' },
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      await changeVoice(context, tx, input)
      return readVoice(tx, input.id('account'), context.now())
    }),
  render: renderVoice,
})

export const personas: CommandGroup = {
  name: 'personas',
  commands: [list, show, set, importOne, exportOne, greeting, menu, knowledge],
}
