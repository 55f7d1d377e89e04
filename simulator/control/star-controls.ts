import { z } from 'zod'
import { command, ControlError, getBot, getUser, query } from '#simulator/control/control.ts'
import { id } from '#simulator/control/schemas.ts'
import { beginCheckout, checkoutState } from '#simulator/world/stars.ts'

/** What people do with invoices in Stars. */
export const starControls = {
  /** Presses Pay on an invoice: the newest of the bot in the dialog, a message of it, or a link. */
  payInvoice: command(
    z.strictObject({ userId: id, botId: id, messageId: id.optional(), link: z.string().optional() }),
    ({ world }, { userId, botId, messageId, link }) => {
      const user = getUser(world, userId)
      const bot = getBot(world, botId)
      const messages = bot.dialogs.get(user.id)?.messages ?? []
      const shown = messageId ?? messages.findLast(({ invoice }) => invoice !== undefined)?.message_id ?? 0
      const slug = link?.replace(/^https:\/\/t\.me\/\$/, '') ?? world.stars.messages.get(`${botId}/${userId}/${shown}`)
      const invoice = world.stars.invoices.get(slug ?? '')
      if (!invoice || invoice.botId !== bot.id) throw new ControlError('link: the bot has no such invoice')
      return { preCheckoutQueryId: beginCheckout(world, user, bot, invoice).id }
    },
  ),
  getCheckout: query(z.strictObject({ preCheckoutQueryId: z.string() }), ({ world }, { preCheckoutQueryId }) => {
    const checkout = world.stars.checkouts.get(preCheckoutQueryId)
    if (!checkout) throw new ControlError(`preCheckoutQueryId: there is no query ${preCheckoutQueryId}`)
    return { state: checkoutState(world, checkout), refusal: checkout.refusal, chargeId: checkout.chargeId }
  }),
}
