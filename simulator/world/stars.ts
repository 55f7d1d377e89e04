import type { PreCheckoutQuery, StarTransaction } from '@grammyjs/types'
import { pushUpdate } from '#simulator/updates/queue.ts'
import { createName } from '#simulator/world/create-world.ts'
import { acceptUserMessage } from '#simulator/world/messages.ts'
import type { SimBot, SimUser, StarCheckout, StarInvoice, World } from '#simulator/world/types.ts'
import { dialogPlace } from '#simulator/world/user-actions.ts'

/** Telegram waits this long for the answer to a pre-checkout query, then cancels the payment. */
const ANSWER_WITHIN_MS = 10_000

/** Keeps an invoice under a slug of its own; a link to it can be paid any number of times. */
export function keepInvoice(world: World, bot: SimBot, input: Omit<StarInvoice, 'slug' | 'botId'>): StarInvoice {
  const invoice = { ...input, slug: createName(world, 16), botId: bot.id }
  world.stars.invoices.set(invoice.slug, invoice)
  return invoice
}

/** Presses Pay: the bot is asked and has ten seconds of the world's time. */
export function beginCheckout(world: World, user: SimUser, bot: SimBot, invoice: StarInvoice): StarCheckout {
  const now = world.clock.now()
  const checkout: StarCheckout = {
    id: String(BigInt(world.random.int(1, 2_147_483_647)) * 4_294_967_296n + BigInt(world.nextId++)),
    botId: bot.id,
    user,
    invoice,
    expiresAt: now + ANSWER_WITHIN_MS,
    state: 'waiting',
    refusal: null,
    chargeId: null,
  }
  world.stars.checkouts.set(checkout.id, checkout)
  const query: PreCheckoutQuery = {
    id: checkout.id,
    from: user.view,
    currency: 'XTR',
    total_amount: invoice.stars,
    invoice_payload: invoice.payload,
  }
  pushUpdate(bot.updates, 'pre_checkout_query', query, `payment:${user.id}`, now)
  return checkout
}

/** How a checkout stands now: one that nobody answered in time is cancelled. */
export function checkoutState(world: World, checkout: StarCheckout): StarCheckout['state'] {
  if (checkout.state === 'waiting' && checkout.expiresAt <= world.clock.now()) checkout.state = 'cancelled'
  return checkout.state
}

/** The bot's answer. Accepted, the Stars move and the bot is told once under a charge id; false when it is too late. */
export function answerCheckout(world: World, bot: SimBot, id: string, refusal: string | null): boolean {
  const checkout = world.stars.checkouts.get(id)
  if (!checkout || checkout.botId !== bot.id || checkoutState(world, checkout) !== 'waiting') return false
  if (refusal === null) charge(world, bot, checkout)
  else Object.assign(checkout, { state: 'refused', refusal })
  return true
}

function charge(world: World, bot: SimBot, checkout: StarCheckout): void {
  const { user, invoice } = checkout
  const chargeId = `stx${createName(world, 40)}`
  Object.assign(checkout, { state: 'paid', chargeId })
  bot.starTenths += invoice.stars * 10
  record(world, bot, chargeId, invoice, { source: partner(user, invoice) })
  const successful_payment = {
    currency: 'XTR' as const,
    total_amount: invoice.stars,
    invoice_payload: invoice.payload,
    telegram_payment_charge_id: chargeId,
    provider_payment_charge_id: '',
  }
  const place = dialogPlace(bot, user)
  place.dialog.isStarted = true
  acceptUserMessage(world, user, place, { successful_payment })
}

/** Sends the Stars of a charge back; what is wrong in Telegram's words otherwise, or null. */
export function refundCharge(world: World, bot: SimBot, userId: number, chargeId: string): string | null {
  const checkout = [...world.stars.checkouts.values()].find(
    (one) => one.chargeId === chargeId && one.botId === bot.id && one.user.id === userId,
  )
  if (!checkout) return 'CHARGE_NOT_FOUND'
  if (checkout.state === 'refunded') return 'CHARGE_ALREADY_REFUNDED'
  if (bot.starTenths < checkout.invoice.stars * 10) return 'BALANCE_TOO_LOW'
  checkout.state = 'refunded'
  bot.starTenths -= checkout.invoice.stars * 10
  record(world, bot, chargeId, checkout.invoice, { receiver: partner(checkout.user, checkout.invoice) })
  return null
}

function partner(user: SimUser, invoice: StarInvoice) {
  return {
    type: 'user' as const,
    transaction_type: 'invoice_payment' as const,
    user: user.view,
    invoice_payload: invoice.payload,
  }
}

function record(
  world: World,
  bot: SimBot,
  id: string,
  invoice: StarInvoice,
  side: Pick<StarTransaction, 'source'> | Pick<StarTransaction, 'receiver'>,
): void {
  const rows = world.stars.transactions.get(bot.id) ?? []
  rows.push({ id, amount: invoice.stars, date: Math.floor(world.clock.now() / 1000), ...side })
  world.stars.transactions.set(bot.id, rows)
}
