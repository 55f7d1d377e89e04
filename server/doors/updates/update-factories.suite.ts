/** Updates as Telegram sends them, for tests. `date` is epoch seconds. */

export const ayse = { id: 501, is_bot: false, first_name: 'Ayşe', last_name: 'Kaya', language_code: 'tr' }

let serial = 1_000
const nextId = () => (serial += 1)

type Person = typeof ayse
const privateChat = (person: Person) => ({ id: person.id, type: 'private', first_name: person.first_name })
export const supergroup = { id: -1_001_234, type: 'supergroup', title: 'Müşteriler' }

export const messageUpdate = (
  text: string,
  over: { person?: Person; chat?: object; date?: number; id?: number } = {},
) => {
  const person = over.person ?? ayse
  return {
    update_id: over.id ?? nextId(),
    message: {
      message_id: nextId(),
      date: over.date ?? 1_780_304_400,
      from: person,
      chat: over.chat ?? privateChat(person),
      text,
    },
  }
}

export const callbackUpdate = (data: string, over: { person?: Person; chat?: object; id?: number } = {}) => {
  const person = over.person ?? ayse
  return {
    update_id: over.id ?? nextId(),
    callback_query: {
      id: `callback-${nextId()}`,
      from: person,
      chat_instance: '1',
      data,
      message: { message_id: nextId(), date: 1_780_304_400, chat: over.chat ?? privateChat(person) },
    },
  }
}

export const ownMemberUpdate = (status: string, over: { person?: Person; chat?: object } = {}) => {
  const person = over.person ?? ayse
  return {
    update_id: nextId(),
    my_chat_member: {
      chat: over.chat ?? privateChat(person),
      from: person,
      date: 1_780_304_400,
      old_chat_member: { status: 'member', user: { id: 1, is_bot: true, first_name: 'Bot' } },
      new_chat_member: {
        status,
        can_manage_chat: true,
        can_invite_users: false,
        user: { id: 1, is_bot: true, first_name: 'Bot' },
      },
    },
  }
}

export const memberUpdate = (from: string, to: string, over: { person?: Person } = {}) => ({
  update_id: nextId(),
  chat_member: {
    chat: supergroup,
    from: over.person ?? ayse,
    date: 1_780_304_400,
    old_chat_member: { status: from, user: over.person ?? ayse },
    new_chat_member: { status: to, user: over.person ?? ayse },
  },
})
