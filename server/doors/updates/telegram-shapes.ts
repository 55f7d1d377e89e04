import { z } from 'zod'

/** The parts of Telegram's objects that are read; what else they carry is not looked at. */
const id = z.int()

export const userShape = z.object({
  id,
  is_bot: z.boolean().default(false),
  first_name: z.string().default(''),
  last_name: z.string().default(''),
  username: z.string().optional(),
  language_code: z.string().optional(),
  is_premium: z.boolean().default(false),
})
export type UserShape = z.infer<typeof userShape>

export const chatShape = z.object({
  id,
  type: z.enum(['private', 'group', 'supergroup', 'channel']),
  title: z.string().default(''),
  username: z.string().optional(),
})
export type ChatShape = z.infer<typeof chatShape>

const present = z.unknown().optional()

const entitiesShape = z
  .array(
    z.object({
      type: z.string(),
      offset: z.number().default(0),
      length: z.number().default(0),
      user: z.object({ id }).optional(),
    }),
  )
  .optional()

export const messageShape = z.object({
  message_id: id,
  date: z.number().default(0),
  chat: chatShape,
  from: userShape.optional(),
  sender_chat: present,
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: entitiesShape,
  caption_entities: entitiesShape,
  reply_to_message: z.object({ from: z.object({ id }).optional() }).optional(),
  photo: present,
  video: present,
  animation: present,
  video_note: present,
  voice: present,
  audio: present,
  document: present,
  sticker: present,
  poll: present,
  new_chat_members: z.array(userShape).optional(),
  left_chat_member: userShape.optional(),
  migrate_to_chat_id: id.optional(),
  successful_payment: present,
  refunded_payment: present,
})
export type MessageShape = z.infer<typeof messageShape>

export const callbackShape = z.object({
  id: z.string(),
  from: userShape,
  data: z.string().optional(),
  message: z.object({ message_id: id, chat: chatShape }).optional(),
})

const memberShape = z.looseObject({ status: z.string(), user: userShape, is_member: z.boolean().optional() })

export const memberUpdateShape = z.object({
  chat: chatShape,
  from: userShape,
  date: z.number().default(0),
  old_chat_member: memberShape,
  new_chat_member: memberShape,
  invite_link: z.object({ name: z.string().optional() }).optional(),
})
export type MemberUpdateShape = z.infer<typeof memberUpdateShape>

export const joinRequestShape = z.object({
  chat: chatShape,
  from: userShape,
  date: z.number().default(0),
  invite_link: z.object({ name: z.string().optional() }).optional(),
})

export const reactionShape = z.object({
  chat: chatShape,
  message_id: id,
  user: userShape.optional(),
  date: z.number().default(0),
  new_reaction: z.array(z.object({ type: z.string(), emoji: z.string().optional() })),
})

/** A payment that waits for our word. */
export const preCheckoutUpdateShape = z.object({
  pre_checkout_query: z.object({
    id: z.string(),
    from: userShape,
    currency: z.string(),
    total_amount: z.int(),
    invoice_payload: z.string(),
  }),
})

const paymentShape = z.object({
  currency: z.string(),
  total_amount: z.int().positive(),
  invoice_payload: z.string(),
  telegram_payment_charge_id: z.string().min(1).max(300),
})

/** A message that tells of a payment or of its refund. */
export const starMessageShape = z.object({
  message: z
    .object({
      from: userShape.optional(),
      successful_payment: paymentShape.optional(),
      refunded_payment: paymentShape.optional(),
    })
    .refine((message) => message.successful_payment !== undefined || message.refunded_payment !== undefined),
})
export type StarMessageShape = z.infer<typeof starMessageShape>

export const businessConnectionShape = z.object({
  id: z.string().min(1),
  user: userShape,
  user_chat_id: id,
  rights: z.record(z.string(), z.unknown()).default({}),
  is_enabled: z.boolean(),
})

export const deletedMessagesShape = z.object({ chat: chatShape, message_ids: z.array(id) })
