import { MINUTE_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  changeAccountInboxSettings,
  createPersonaFromPackage,
  setReplyMode,
  updatePersona,
} from '#server/modules/conversations/index.ts'
import { setModeration } from '#server/modules/groups/index.ts'
import { setModel } from '#server/modules/llm/index.ts'
import { setChatInterests, setInviteSettings } from '#server/modules/invites/index.ts'
import { createGroupPost, setChatVoice } from '#server/modules/posts/index.ts'
import { setProduct, setSelling } from '#server/modules/sales/index.ts'
import { ownerAt } from '#server/testing/factories.ts'

import type { Simulation } from './open-simulation.ts'

/** What is sold, in minor units of the lira. */
export const CATALOGUE = [
  { name: 'Kitap', priceMinor: 20_000, currency: 'TRY' },
  { name: 'Kurs', priceMinor: 90_000, currency: 'TRY' },
]
export const HANDED_OVER = 'Kitabınız: AB12-CD34'
export const WELCOME = 'Aramıza hoş geldin'
export const POST = 'Bugün atölye altıya kadar açık.'

const RIGHTS = { can_invite_users: true, can_delete_messages: true, can_restrict_members: true }

/** The group everybody may find, and the club people are invited to: both bots administer both. */
export const openGroups = ({ simulator, accounts }: Simulation) => {
  const { control } = simulator
  const owner = control.createUser({ firstName: 'Sahip' })
  const open = (title: string) => {
    const { id: chatId } = control.createChat({ type: 'supergroup', title, ownerId: owner.id })
    for (const { telegramId: memberId } of accounts)
      control.setMember({ chatId, memberId, status: 'administrator', rights: RIGHTS, actorId: owner.id })
    return chatId
  }
  return { groupId: open('Müşteriler'), clubId: open('Kitap Kulübü') }
}
export type Groups = ReturnType<typeof openGroups>

const giveVoice = async (tx: TenantTx, accountId: number, at: number): Promise<void> => {
  const actor = ownerAt(at)
  const persona = { accountId, package: 'enterprise', locale: 'tr', displayName: 'Atölye' } as const
  await createPersonaFromPackage(tx, persona, at)
  const faq = [{ question: 'Atölye nerede?', answer: 'Kadıköy’de, iskeleye yürüyerek beş dakika.' }]
  await updatePersona(tx, { accountId, change: { menu: [], facts: { catalogue: CATALOGUE, faq, notes: [] } } }, actor)
  await changeAccountInboxSettings(tx, { accountId, rating: 'points' }, actor)
}

/** One bot answers by model and sells a book for Stars; the other drafts. */
export const openShop = ({ within, accounts, time, box }: Simulation): Promise<void> =>
  within(async (tx) => {
    const actor = ownerAt(time.world.now())
    const [seller, drafter] = accounts.map(({ accountId }) => accountId)
    if (seller === undefined || drafter === undefined) throw new Error('two accounts are needed')
    await setModel(tx, { box, hasInstallation: true, arePrivateAllowed: false }, { mode: 'installation' }, actor)
    for (const accountId of [seller, drafter]) await giveVoice(tx, accountId, actor.at)
    await setReplyMode(tx, { accountId: seller, mode: 'ai' }, actor)
    await setReplyMode(tx, { accountId: drafter, mode: 'hybrid' }, actor)
    const change = { stars: 200, fulfilment: 'text', fulfilmentContent: HANDED_OVER } as const
    await setProduct(tx, { accountId: seller, name: 'Kitap', change }, actor)
    await setSelling(tx, seller, { sellsByItself: true }, actor)
    await setInviteSettings(tx, { proposeEveryHours: 6, dailyMax: 8 }, actor)
  })

/** What is said and kept in the groups by itself, once they are known: one bot's post names the other. */
export const runGroups = (simulation: Simulation, { groupId, clubId }: Groups): Promise<void> => {
  const other = simulation.simulator.control.getBot({ botId: simulation.accounts[1]?.telegramId ?? 0 }).username
  return simulation.within(async (tx) => {
    const actor = ownerAt(simulation.time.world.now())
    const accountId = simulation.accounts[0]?.accountId ?? 0
    const chats = await tx.selectFrom('chat').select(['id', 'telegram_id']).execute()
    const idOf = (telegramId: number) => chats.find((chat) => chat.telegram_id === telegramId)?.id ?? 0
    const voice = { accountId, welcomeText: `${WELCOME} {{names}}!`, rulesText: 'Kural bir: reklam yok.' }
    await setChatVoice(
      tx,
      { chatId: idOf(groupId), ...voice, welcomeGatherSeconds: MINUTE_MS / 1_000, isPostingOn: true },
      actor,
    )
    const schedule = { kind: 'daily', times: ['13:00'] }
    const post = {
      chatId: idOf(groupId),
      accountId,
      name: 'saatler',
      content: { text: `${POST} Sorular: @${other}` },
      schedule,
    }
    await createGroupPost(tx, post, actor)
    await setModeration(tx, { chatId: idOf(groupId), action: 'delete', afterFindings: 1 }, actor)
    await setChatInterests(tx, { chatId: idOf(clubId), interests: ['potential_customer'] }, actor)
  })
}
