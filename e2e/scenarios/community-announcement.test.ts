import { describe, expect, it } from 'vitest'

import { openScenario } from './open-scenario.ts'

describe('a community manager', () => {
  it('announces in the own group with its cooldown, pinned and measured, and nowhere the bot is not', async () => {
    const scenario = await openScenario()
    const { simulator, until, seen, textsIn, pass } = scenario
    const { control } = simulator
    const club = await scenario.shop('kulup', 'starter')
    const owner = control.createUser({ firstName: 'Sahip' })
    const group = control.createChat({ type: 'supergroup', title: 'Kulüp', ownerId: owner.id })
    const former = control.createChat({ type: 'supergroup', title: 'Eski', ownerId: owner.id })
    const rights = { can_pin_messages: true }
    for (const { id: chatId } of [group, former])
      control.setMember({ chatId, memberId: club.botId, status: 'administrator', rights, actorId: owner.id })
    control.setMember({ chatId: former.id, memberId: club.botId, status: 'left', actorId: owner.id })
    const chats = await until('both groups are known', async () => {
      const known = await club.within((tx) =>
        tx
          .selectFrom('chat_account')
          .select(['chat_id as id', 'status'])
          .where('tenant_id', '=', tx.tenantId)
          .execute(),
      )
      return known.length === 2 && known.some((row) => row.status === 'left') && known
    })
    await club.template('ilk', 'Toplantı cuma {{sender}} {{opt_out}}')
    await club.template('ikinci', 'Toplantı ertelendi {{sender}} {{opt_out}}')
    const announce = async (name: string, template: string) => {
      const named = chats.flatMap(({ id }) => ['--chat', String(id)])
      await club.cli(['campaigns', 'create', name, '--kind', 'announcement', '--template', template, '--pin', ...named])
      await club.cli(['campaigns', 'start', name])
    }
    await announce('Bir', 'ilk')
    await until('the first is posted', () => textsIn(group.id).some((text) => text.includes('cuma')))
    await announce('İki', 'ikinci')
    const waiting = () => club.cli(['campaigns', 'recipients', 'İki']) as Promise<{ state: string; reason: string }[]>
    await until('the second is decided', async () => {
      const rows = await waiting()
      return rows.length === 2 && rows.every(({ state, reason }) => state !== 'planned' && reason)
    })
    expect((await waiting()).map((row) => row.reason).toSorted()).toEqual(['group_post_cooldown', expect.stringMatching(/no_right_to_post|chat_left/)]) // prettier-ignore
    // Whoever reacts has read first: a response is one only after the post is known as sent.
    await pass(1)
    const member = control.createUser({ firstName: 'Üye' })
    control.join({ userId: member.id, chatId: group.id })
    const post = seen.find((message) => message.chatId === group.id)
    control.react({ userId: member.id, chatId: group.id, messageId: post?.messageId ?? 0, emoji: '👍' })
    control.sendText({ userId: member.id, chatId: group.id, text: 'Geliyorum', replyTo: post?.messageId ?? 0 })
    await pass(6)
    await until('the second is posted', () => textsIn(group.id).some((text) => text.includes('ertelendi')))
    const [first, second] = seen.filter((message) => message.chatId === group.id)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * 60_000)
    expect(textsIn(former.id)).toEqual([])
    const report = () => club.cli(['campaigns', 'report', 'Bir']) as Promise<{ chats: Record<string, unknown>[] }>
    await until('the first is pinned', async () => (await report()).chats.some((chat) => chat['pinState'] === 'done'))
    expect((await report()).chats).toMatchObject([
      { title: 'Eski', state: 'refused', reason: 'no_right_to_post' },
      { title: 'Kulüp', state: 'sent', reactions: 1, replies: 1, joins: 1, pinState: 'done' },
    ])
  }, 90_000)
})
