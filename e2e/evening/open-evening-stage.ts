import { sql } from 'kysely'

import { HOUR_MS, SECOND_MS } from '#server/base/duration.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type FakeModel, createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { addAccount } from '#server/modules/accounts/index.ts'
import { createPersonaFromPackage, updatePersona } from '#server/modules/conversations/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { addOwner } from '#server/modules/tenancy/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { NOON } from '#server/testing/factories.ts'
import { type PanelVisitor, createPanelVisitor } from '#server/testing/panel.ts'

import { type NewcomerStage, openNewcomerStage } from '../onboarding/open-newcomer-stage.ts'

const SLUG = 'kil-atolyesi'
const INSTALLATION = { baseUrl: 'https://model.example/v1', apiKey: null, model: 'ornek-model', isOperators: true }
const CATALOGUE = [
  { name: 'Seramik dersi', priceMinor: 90_000, currency: 'TRY' },
  { name: 'Sır kataloğu', priceMinor: 20_000, currency: 'TRY' },
]
const FAQ = [
  { question: 'Atölye nerede?', answer: 'Atölye Kadıköy’de, iskeleye yürüyerek beş dakika.' },
  { question: 'Yeni başlayan gelebilir mi?', answer: 'Evet, malzemeyi biz veriyoruz.' },
]
const RIGHTS = { can_invite_users: true, can_delete_messages: true }
const LOOK_MS = 25
const LOOKS_MAX = 1_200

export interface EveningStage extends NewcomerStage {
  readonly model: FakeModel
  /** The command line in Turkish, for the workshop's tenant. */
  readonly shopCli: Pick<CliRunner, 'run' | 'json'>
  readonly accountId: number
  readonly botId: number
  /** Ece, who answers for the workshop. */
  readonly memberId: number
  readonly group: { readonly id: number; readonly chatId: number }
  within<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>
  /** As of any stage, while a second goes by at each look. */
  readonly until: NewcomerStage['until']
  /** Lets everything end that is under way or due: updates, answers of the model, sends. */
  settle(): Promise<void>
  /** Somebody who talks with the workshop's bot. */
  guest(name: string): PanelVisitor
}

/** What still moves of a tenant: taken in and not applied, owed by the model, or about to leave. */
const isMoving = async ({ database, simulator }: NewcomerStage, tenantId: number, botId: number): Promise<boolean> => {
  if (simulator.control.getBot({ botId }).pendingUpdates > 0) return true
  const { rows } = await sql`
    select 1 from update_inbox where tenant_id = ${tenantId} and state = 'new'
    union all
    select 1 from answer_turn where tenant_id = ${tenantId} and state = 'pending'
    union all
    select 1 from delivery where tenant_id = ${tenantId} and state in ('planned', 'deferred', 'reserved')
    limit 1`.execute(database.db)
  return rows.length > 0
}

const openShop = async (stage: NewcomerStage) => {
  const { clock, database, simulator } = stage
  const actor = { by: 'test', at: clock.now() }
  const named = { slug: SLUG, name: 'Kil Atölyesi', package: 'enterprise' } as const
  const { id: tenantId } = await setUpTenant(database.db, named, actor)
  const bot = simulator.control.createBot({ username: 'kil_atolyesi_bot', name: 'Kil Atölyesi' })
  const wanted = { tenantId, token: bot.token, apiRoot: simulator.apiRoot, updateMode: 'webhook' } as const
  const { id: accountId } = await addAccount(stage.app().accounts, wanted, actor)
  const within = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => inTenant(database.db, tenantId, work)
  const memberId = await within(async (tx) => {
    const persona = { accountId, package: 'enterprise', locale: 'tr', displayName: 'Kil Atölyesi' } as const
    await createPersonaFromPackage(tx, persona, actor.at)
    const change = { menu: [], facts: { catalogue: CATALOGUE, faq: FAQ, notes: [] } }
    await updatePersona(tx, { accountId, change }, actor)
    const ece = simulator.control.createUser({ firstName: 'Ece', languageCode: 'tr' })
    return (await addOwner(tx, { telegramId: ece.id, name: 'Ece' }, actor)).id
  })
  return { tenantId, accountId, botId: bot.id, within, memberId }
}

/** The workshop's group, which its bot administers. */
const openGroup = async (stage: NewcomerStage, { tenantId, botId }: { tenantId: number; botId: number }) => {
  const { control } = stage.simulator
  const owner = control.createUser({ firstName: 'Nil', languageCode: 'tr' })
  const { id } = control.createChat({ type: 'supergroup', title: 'Kil Sohbetleri', ownerId: owner.id })
  control.setMember({ chatId: id, memberId: botId, status: 'administrator', rights: RIGHTS, actorId: owner.id })
  const known = await stage.until('the group is known', () =>
    stage.database.db.selectFrom('chat').select('id').where('tenant_id', '=', tenantId).executeTakeFirst(),
  )
  return { id, chatId: known.id }
}

/**
 * The whole server beside a simulated Telegram, with one tenant in it: a workshop of the largest package with a catalogue, a
 * bot, a member and a group. What it is set to do is for the test, by the command line.
 */
export const openEveningStage = async (): Promise<EveningStage> => {
  const model = createFakeModel()
  const languageModel = { model, installation: INSTALLATION }
  const stage = await openNewcomerStage({ languageModel, startAt: NOON + 4 * HOUR_MS })
  const { clock, database, simulator } = stage
  const shop = await openShop(stage)
  const { botId, tenantId } = shop
  const cli = createCliRunner(database.db, {
    clock,
    language: 'tr',
    models: async () => ({ ...languageModel, box: stage.app().accounts.box, arePrivateAllowed: false }),
  })
  const until: EveningStage['until'] = async (what, look) => {
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      const found = await look()
      if (found !== null && found !== undefined && found !== false) return found
      await clock.advance(SECOND_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    throw new Error(`waited in vain: ${what}`)
  }
  const ofShop = (args: readonly string[]) => [...args, '--tenant', SLUG, '--yes']
  const settle = async () => {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      await clock.advance(SECOND_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      if (look > 0 && !(await isMoving(stage, tenantId, botId))) return
    }
    throw new Error('the workshop did not come to rest')
  }
  return {
    ...stage,
    ...shop,
    model,
    until,
    group: await openGroup(stage, shop),
    shopCli: { run: (args) => cli.run(ofShop(args)), json: (args) => cli.json(ofShop(args)) },
    settle,
    guest(name) {
      const user = simulator.control.createUser({ firstName: name, languageCode: 'tr' })
      return createPanelVisitor(simulator, botId, user.id, settle)
    },
  }
}
