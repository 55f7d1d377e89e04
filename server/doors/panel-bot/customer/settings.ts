import { GROUP_INTENSITIES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount, listAccounts } from '#server/modules/accounts/index.ts'
import {
  type AccountSettingsView,
  type Persona,
  createPersonaFromPackage,
  findPersona,
  getAccountSettings,
  getPersona,
  intensityOf,
  listPersonaVersions,
  setGroupIntensity,
  setInviteRatio,
  setProductPrice,
  updatePersona,
} from '#server/modules/conversations/index.ts'
import { can, getOwnTenant } from '#server/modules/tenancy/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import type { PanelCommand, Written } from '../panel-command.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { isolate, moneyText, plain, say } from '../say.ts'
import { type Talk, actingOn, inTalkTenant, tenantOf } from '../talk.ts'
import { readPriceText } from './price-text.rules.ts'

const accountIdOf = (talk: Talk): number => Number(talk.args[0] ?? 0)

/** A tenant with one account goes straight to it. */
const run = async (talk: Talk): Promise<Reply> => {
  const all = await inTalkTenant(talk, listAccounts)
  const accounts = all.filter((account) => account.purpose === 'contacts' && account.state !== 'disconnected')
  const [only] = accounts
  if (only && accounts.length === 1) return show({ ...talk, args: [String(only.id)] })
  return {
    text: accounts.length === 0 ? talk.t('accounts.none') : talk.t('whichAccount'),
    rows: [
      ...accounts.map((account) => [{ label: account.displayName, action: 'set.show', args: [account.id] }]),
      accounts.length === 0 && can(tenantOf(talk).access, 'accounts.link')
        ? [{ label: talk.t('button.linkAccount'), action: 'link' }]
        : [],
    ],
  }
}

interface Voice {
  readonly name: string
  readonly settings: AccountSettingsView
  readonly persona: Persona | null
}

/** Errors: `not_found`, also for an account of another tenant. */
const readVoice = (talk: Talk): Promise<Voice> =>
  inTalkTenant(talk, async (tx) => ({
    name: (await getAccount(tx, accountIdOf(talk))).displayName,
    settings: await getAccountSettings(tx, accountIdOf(talk), talk.at),
    persona: await findPersona(tx, accountIdOf(talk)),
  }))

const percent = (talk: Talk, share: number): string =>
  new Intl.NumberFormat(talk.speaker.locale, { style: 'percent', maximumFractionDigits: 0 }).format(share)

const priceText = (talk: Talk, { chosen }: AccountSettingsView): string =>
  moneyText(talk, chosen.productPriceMinor, chosen.productCurrency)

const RATIO_STEP_PERCENT = 10
const RATIOS_IN_ROW = 4

const ratioRows = (talk: Talk, { chosen, limits }: AccountSettingsView): readonly (readonly PanelButton[])[] => {
  const most = Math.floor(Math.round(limits.inviteRatioMax * 100) / RATIO_STEP_PERCENT)
  const all = Array.from({ length: most + 1 }, (_, i) => i * RATIO_STEP_PERCENT).map((value) => ({
    label: `${value === Math.round(chosen.inviteRatio * 100) ? '• ' : ''}${percent(talk, value / 100)}`,
    action: 'set.ratio',
    args: [accountIdOf(talk), value],
  }))
  return Array.from({ length: Math.ceil(all.length / RATIOS_IN_ROW) }, (_, i) =>
    all.slice(i * RATIOS_IN_ROW, (i + 1) * RATIOS_IN_ROW),
  )
}

const placeRows = (talk: Talk, { chosen, limits }: AccountSettingsView): readonly (readonly PanelButton[])[] =>
  GROUP_INTENSITIES.slice(0, limits.groupPlacementsMax + 1).map((intensity) => [
    {
      label: `${intensity === intensityOf(chosen.groupPlacements) ? '• ' : ''}${plain(talk, 'settings.groups', {
        intensity: talk.t(`words:groupIntensity.${intensity}`),
      })}`,
      action: 'set.places',
      args: [accountIdOf(talk), intensity],
    },
  ])

const linesOf = (talk: Talk, { name, settings, persona }: Voice): readonly string[] => {
  const { effective, limits } = settings
  const greeting = persona?.greeting ? isolate(persona.greeting) : talk.t('settings.ownGreeting')
  return [
    `<b>${escapeText(isolate(name))}</b>`,
    say(talk, 'settings.ratio', {
      share: percent(talk, effective.inviteRatio),
      most: percent(talk, limits.inviteRatioMax),
    }),
    say(talk, 'settings.places', {
      intensity: talk.t(`words:groupIntensity.${intensityOf(effective.groupPlacements)}`),
    }),
    say(talk, 'settings.price', { price: priceText(talk, settings) }),
    ...(can(tenantOf(talk).access, 'personas.view') ? [say(talk, 'settings.greeting', { greeting })] : []),
    talk.t('settings.caps'),
  ]
}

const screenOf = (talk: Talk, voice: Voice, undo: readonly PanelButton[] = []): Reply => {
  const { access } = tenantOf(talk)
  const ask = (label: string, action: string): PanelButton => ({
    label: talk.t(label),
    action,
    args: [accountIdOf(talk)],
  })
  return {
    text: linesOf(talk, voice).join('\n\n'),
    rows: [
      undo,
      ...(can(access, 'settings.edit') ? [...ratioRows(talk, voice.settings), ...placeRows(talk, voice.settings)] : []),
      [
        ...(can(access, 'settings.edit') ? [ask('settings.setPrice', 'set.ask_price')] : []),
        ...(can(access, 'personas.edit') ? [ask('settings.setGreeting', 'set.ask_greet')] : []),
      ],
      [ask('button.mode', 'mode.show'), ask('button.back', 'acc.show')],
    ],
  }
}

const show = async (talk: Talk): Promise<Reply> => screenOf(talk, await readVoice(talk))

const setRatio = async (talk: Talk): Promise<Reply> => {
  const ratio = Number(talk.args[1] ?? Number.NaN) / 100
  const actor = actingOn(talk)
  await inTalkTenant(talk, (tx) => setInviteRatio(tx, { accountId: accountIdOf(talk), ratio }, actor))
  return { ...(await show(talk)), toast: talk.t('settings.saved') }
}

const setPlaces = async (talk: Talk): Promise<Reply> => {
  const intensity = GROUP_INTENSITIES.find((word) => word === talk.args[1])
  if (!intensity) return { toast: talk.t('refusal.stale') }
  const actor = actingOn(talk)
  await inTalkTenant(talk, (tx) => setGroupIntensity(tx, { accountId: accountIdOf(talk), intensity }, actor))
  return { ...(await show(talk)), toast: talk.t('settings.saved') }
}

const askFor =
  (question: string, input: string) =>
  async (talk: Talk): Promise<Reply> => {
    const { name, settings } = await readVoice(talk)
    return {
      text: say(talk, question, { name: isolate(name), price: priceText(talk, settings) }),
      rows: [[{ label: talk.t('button.back'), action: 'set.show', args: talk.args }]],
      awaits: { input, args: talk.args },
    }
  }

const putPrice = (talk: Talk, priceMinor: number, currency: string): Promise<AccountSettingsView> => {
  const actor = actingOn(talk)
  return inTalkTenant(talk, (tx) => setProductPrice(tx, { accountId: accountIdOf(talk), priceMinor, currency }, actor))
}

const takePrice = async (talk: Talk, { text }: Written): Promise<Reply> => {
  const { chosen } = (await readVoice(talk)).settings
  const priceMinor = readPriceText(text)
  if (priceMinor === null) throw invalid('field_form', talk.t('settings.priceField'), { example: '299,90' })
  await putPrice(talk, priceMinor, chosen.productCurrency)
  return screenOf(talk, await readVoice(talk), [
    {
      label: plain(talk, 'settings.undoPrice', {
        price: moneyText(talk, chosen.productPriceMinor, chosen.productCurrency),
      }),
      action: 'set.price_to',
      args: [accountIdOf(talk), chosen.productPriceMinor, chosen.productCurrency],
    },
  ])
}

const returnPrice = async (talk: Talk): Promise<Reply> => {
  await putPrice(talk, Number(talk.args[1] ?? Number.NaN), talk.args[2] ?? '')
  return { ...(await show(talk)), toast: talk.t('settings.saved') }
}

/** The persona as it stands; one from the package where there is none yet. */
const beginPersona = async (talk: Talk, tx: TenantTx): Promise<Persona> => {
  const accountId = accountIdOf(talk)
  const { displayName } = await getAccount(tx, accountId)
  const { limits } = await getAccountSettings(tx, accountId, talk.at)
  const { locale } = await getOwnTenant(tx)
  const begin = { accountId, package: limits.package, locale, displayName }
  return createPersonaFromPackage(tx, begin, talk.at, actingOn(talk).by)
}

const takeGreeting = async (talk: Talk, { text }: Written): Promise<Reply> => {
  if (text === '') throw invalid('field_small', talk.t('settings.greetingField'), { min: 1 })
  const accountId = accountIdOf(talk)
  const before = await inTalkTenant(talk, async (tx) => {
    const persona = await beginPersona(talk, tx)
    await updatePersona(tx, { accountId, change: { greeting: text } }, actingOn(talk))
    return persona
  })
  return screenOf(talk, await readVoice(talk), [
    { label: talk.t('button.undo'), action: 'set.greet_to', args: [accountId, before.version] },
  ])
}

const returnGreeting = async (talk: Talk): Promise<Reply> => {
  const accountId = accountIdOf(talk)
  await inTalkTenant(talk, async (tx) => {
    const former = (await listPersonaVersions(tx, accountId)).find(({ version }) => version === Number(talk.args[1]))
    const { greeting } = former ?? (await getPersona(tx, accountId))
    await updatePersona(tx, { accountId, change: { greeting } }, actingOn(talk))
  })
  return { ...(await show(talk)), toast: talk.t('settings.saved') }
}

export const settings: PanelCommand = {
  key: 'set',
  name: 'ayarlar',
  aliases: ['settings'],
  audience: 'member',
  needs: 'settings.view',
  about: 'command.settings',
  run,
  actions: {
    show: { run: show },
    ratio: { needs: 'settings.edit', run: setRatio },
    places: { needs: 'settings.edit', run: setPlaces },
    ask_price: { needs: 'settings.edit', run: askFor('settings.askPrice', 'set.price') },
    price_to: { needs: 'settings.edit', run: returnPrice },
    ask_greet: { needs: 'personas.edit', run: askFor('settings.askGreeting', 'set.greet') },
    greet_to: { needs: 'personas.edit', run: returnGreeting },
  },
  inputs: {
    price: { needs: 'settings.edit', run: takePrice },
    greet: { needs: 'personas.edit', run: takeGreeting },
  },
}
