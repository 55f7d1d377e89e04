import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { createInboxWorld } from './inbox-world.suite.ts'
import { listSavedReplies, removeSavedReply, renderSavedReply, saveReply } from './save-reply.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)

describe('renderSavedReply', () => {
  it('fills a saved answer for the contact, in their language or the nearest there is', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    const contact = (change: object) =>
      db.updateTable('contact').set(change).where('id', '=', world.contactId).execute()
    const texts = { tr: 'Merhaba {{first_name}}, {{sender}} yanıtlıyor.', en: 'Hello {{first_name|there}} & welcome' }
    await world.within((tx) => saveReply(tx, { name: 'selam', texts }, world.actor()))
    const read = () => world.within((tx) => renderSavedReply(tx, { name: 'selam', conversationId: id }, world.actor()))
    await contact({ first_name: '<Ayşe>', language_code: 'tr' })
    expect(await read()).toBe('Merhaba <Ayşe>, Deneme yanıtlıyor.')
    await contact({ first_name: '', language_code: 'en-GB' })
    expect(await read()).toBe('Hello there & welcome')
    await contact({ first_name: 'Igor', language_code: 'ru' })
    expect(await read()).toBe('Merhaba Igor, Deneme yanıtlıyor.')
    await world.within((tx) => saveReply(tx, { name: 'selam', texts: { ar: 'أهلا {{first_name}}' } }, world.actor()))
    expect(await read()).toBe('أهلا Igor')
    expect(await world.within((tx) => listSavedReplies(tx, world.actor()))).toHaveLength(1)
    await world.within((tx) => removeSavedReply(tx, 'selam', world.actor()))
    await expect(read()).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('saveReply', () => {
  it.each([
    [{ name: 'İki Kelime', texts: { tr: 'x' } }, 'saved_reply_name'],
    [{ name: '', texts: { tr: 'x' } }, 'saved_reply_name'],
    [{ name: 'a', texts: {} }, 'saved_reply_texts'],
    [{ name: 'a', texts: { tr: ' ' } }, 'text_length'],
    [{ name: 'a', texts: { tr: 'Merhaba {{adi}}' } }, 'saved_reply_variable'],
  ] as const)('refuses what cannot be used: %o', async (given, code) => {
    const world = await createInboxWorld(db)
    await expect(world.within((tx) => saveReply(tx, given, world.actor()))).rejects.toMatchObject({ code })
  })

  it('is for those who answer alone', async () => {
    const world = await createInboxWorld(db)
    const analyst = { ...world.actor(), access: { kind: 'member', role: 'analyst' } } as const
    const save = world.within((tx) => saveReply(tx, { name: 'a', texts: { tr: 'x' } }, analyst))
    await expect(save).rejects.toMatchObject({ kind: 'forbidden' })
  })
})
