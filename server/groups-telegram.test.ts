import { describe, expect, it, onTestFinished } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { addAccount } from '#server/modules/accounts/index.ts'
import { listGroupActs, listJoinRequests, setJoinRule, setModeration } from '#server/modules/groups/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { createGroupPost, getGroupPost, setChatVoice } from '#server/modules/posts/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { ownerAt } from '#server/testing/groups-world.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

const RIGHTS = { can_delete_messages: true, can_restrict_members: true, can_invite_users: true }
const actor = () => ownerAt(systemClock.now())

/** A running server whose bot administers a group of the simulator. */
const scene = async (type: 'group' | 'supergroup') => {
  const simulator = await startSimulator({ limits: false, seed: 12 })
  onTestFinished(() => simulator.close())
  const { control } = simulator
  const app = await createTestApp()
  const owner = control.createUser({ firstName: 'Oya' })
  const bot = control.createBot({})
  const at = { by: 'test', at: app.clock.now() }
  const tenant = await setUpTenant(app.database.db, { slug: `g-${bot.id}`, name: 'Deneme', package: 'custom' }, at)
  const account = await addAccount(
    app.accounts,
    { tenantId: tenant.id, token: bot.token, apiRoot: simulator.apiRoot },
    at,
  )
  // The pause between posts is for another test.
  await app.database.db
    .updateTable('tenant_limits')
    .set({ group_post_cooldown_seconds: 0 })
    .where('tenant_id', '=', tenant.id)
    .execute()
  await app.start()
  const group = control.createChat({ type, title: 'Mahalle', ownerId: owner.id })
  control.setMember({ chatId: group.id, memberId: bot.id, status: 'administrator', rights: RIGHTS, actorId: owner.id })
  const run = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(app.database.db, tenant.id, work)
  const findChats = () =>
    app.database.db.selectFrom('chat').selectAll().where('tenant_id', '=', tenant.id).orderBy('id').execute()
  await expect.poll(async () => (await findChats()).length, { timeout: 15_000 }).toBe(1)
  const chatId = (await findChats())[0]?.id ?? 0
  await run((tx) =>
    setChatVoice(
      tx,
      {
        chatId,
        accountId: account.id,
        isPostingOn: true,
        welcomeText: 'Hoş geldin {{names}}',
        welcomeGatherSeconds: 5,
      },
      actor(),
    ),
  )
  return { simulator, control, app, owner, bot, tenant, account, group, chatId, run }
}

const textsIn = ({ world }: Simulator, chatId: number, botId: number): readonly string[] =>
  (world.chats.get(chatId)?.messages ?? []).flatMap((m) => (m.from?.id === botId && m.text ? [m.text] : []))

/** A post whose slot comes in the next moment. */
const postSoon = async (
  { run, chatId, account, app, tenant }: Awaited<ReturnType<typeof scene>>,
  name: string,
): Promise<number> => {
  const at = systemClock.now() - HOUR_MS + 300
  const { id } = await run((tx) =>
    createGroupPost(
      tx,
      { chatId, accountId: account.id, name, content: { text: `İlan ${name}` }, schedule: { kind: 'every', hours: 1 } },
      ownerAt(at),
    ),
  )
  await systemClock.sleep(400)
  await app.jobs.enqueue('posts.run', [{ tenantId: tenant.id }])
  return id
}
const lastRun = async ({ run, app, tenant }: Awaited<ReturnType<typeof scene>>, id: number) => {
  await app.jobs.enqueue('posts.run', [{ tenantId: tenant.id }])
  const post = await run((tx) => getGroupPost(tx, id, systemClock.now()))
  return [post.state, post.pauseReason, post.runs[0]?.state, post.runs[0]?.reason].join(' ')
}
const waitFor = { timeout: 20_000, interval: 250 }

describe('posts on Telegram', () => {
  it('follow a group that is upgraded under them, once, and stop when the group is gone', async () => {
    const stage = await scene('group')
    const { simulator, control, bot, group } = stage
    await postSoon(stage, 'bir')
    await expect.poll(() => textsIn(simulator, group.id, bot.id), waitFor).toEqual(['İlan bir'])
    const upgraded = control.migrateChat({ chatId: group.id })
    const second = await postSoon(stage, 'iki')
    await expect.poll(() => textsIn(simulator, upgraded.id, bot.id), waitFor).toEqual(['İlan iki'])
    expect(textsIn(simulator, group.id, bot.id)).toEqual(['İlan bir'])
    await expect.poll(() => lastRun(stage, second), waitFor).toBe('active  sent ')
    control.updateChat({ chatId: upgraded.id, isDeleted: true })
    const third = await postSoon(stage, 'üç')
    await expect.poll(() => lastRun(stage, third), waitFor).toBe('paused chat_deleted failed chat_deleted')
  }, 60_000)

  it('are paused with the reason when rights are taken or the bot is put out', async () => {
    const stage = await scene('supergroup')
    const { control, bot, group, owner } = stage
    control.setMember({ chatId: group.id, memberId: bot.id, status: 'member', actorId: owner.id })
    control.updateChat({ chatId: group.id, permissions: { can_send_messages: false } })
    const muted = await postSoon(stage, 'sessiz')
    await expect.poll(() => lastRun(stage, muted), waitFor).toBe('paused no_send_right failed no_send_right')
    control.setMember({ chatId: group.id, memberId: bot.id, status: 'kicked', actorId: owner.id })
    const put = await postSoon(stage, 'kovuldu')
    await expect.poll(() => lastRun(stage, put), waitFor).toMatch(/^paused (chat_left|kicked)/)
  }, 60_000)
})

describe('order in groups on Telegram', () => {
  it('deletes spam, lets in who asks, and welcomes them', async () => {
    const stage = await scene('supergroup')
    const { simulator, control, bot, group, run, chatId } = stage
    await run((tx) => setModeration(tx, { chatId, action: 'delete', afterFindings: 1 }, actor()))
    await run((tx) => setJoinRule(tx, { chatId, admit: 'all' }, actor()))
    const can = control.createUser({ firstName: 'Can' })
    const response = await fetch(`${simulator.apiRoot}/bot${bot.token}/createChatInviteLink`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chat_id: group.id, name: 'Kapı', creates_join_request: true }),
    })
    const { result } = (await response.json()) as { readonly result: { readonly invite_link: string } }
    control.join({ userId: can.id, link: result.invite_link })
    const isIn = () => simulator.world.chats.get(group.id)?.members.get(can.id)?.status
    await expect.poll(isIn, waitFor).toBe('member')
    await expect.poll(async () => (await run((tx) => listJoinRequests(tx)))[0]?.state, waitFor).toBe('approved')
    control.sendText({ userId: can.id, chatId: group.id, text: 'Aloooooo!' })
    const seen = () => (simulator.world.chats.get(group.id)?.messages ?? []).map((m) => m.text ?? '')
    await expect
      .poll(async () => (await run((tx) => listGroupActs(tx, { kind: 'delete' })))[0]?.state, waitFor)
      .toBe('done')
    expect(seen()).not.toContain('Aloooooo!')
    await expect.poll(() => textsIn(simulator, group.id, bot.id), waitFor).toEqual(['Hoş geldin Can'])
  }, 60_000)
})
