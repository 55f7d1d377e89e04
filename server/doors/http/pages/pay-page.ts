import type { FastifyReply } from 'fastify'

import { PACKAGES, PAYMENT_PROVIDERS } from '#contract/words.ts'
import { type AppError, invalid } from '#server/base/errors.ts'

import { statusOf } from '../problem.ts'
import { addressOf } from '../request.ts'
import { html } from './html.ts'
import {
  type PageDeps,
  type PageRequest,
  contextOf,
  isRefusal,
  requireForm,
  requireVisit,
  sendPage,
  switchLanguage,
} from './page-request.ts'
import type { MorePages } from './page-routes.ts'
import { type ChosenOrder, type PayDeps, type Payer, payerOf } from './pay-order.ts'
import { PAY_PATH, needsPayer, renderPay } from './pay-views.ts'

const RETURN_PATH = `${PAY_PATH}/return`

const wordOf = <T extends string>(fields: URLSearchParams, field: string, words: readonly T[]): T => {
  const given = fields.get(field) ?? ''
  const word = words.find((known) => known === given)
  if (word === undefined) throw invalid('word_expected', field, { given: given.slice(0, 40), words: words.join(', ') })
  return word
}

/** A field that the provider needs. Errors: `invalid/pay_field_missing`. */
const textOf = (fields: URLSearchParams, field: string, max: number): string => {
  const text = (fields.get(field) ?? '').trim().slice(0, max)
  if (text === '') throw invalid('pay_field_missing', field)
  return text
}

const payerFrom = (fields: URLSearchParams, ip: string): ChosenOrder['payer'] => {
  const email = textOf(fields, 'email', 100)
  if (!/^[^\s@]+@[^\s@]+[.][^\s@]+$/.test(email)) throw invalid('email_address', 'email', { example: 'ad@ornek.com' })
  return {
    name: textOf(fields, 'name', 60),
    email,
    phone: textOf(fields, 'phone', 20),
    address: textOf(fields, 'address', 300),
    ip,
  }
}

/** `/pay`: a newcomer or a member chooses a way to pay outside Telegram, pays, and says so where nobody else does. */
export const payPages = (deps: PageDeps, pay: PayDeps): MorePages => ({
  paths: { pay: PAY_PATH },
  add(app, limits) {
    const send = async (reply: FastifyReply, page: PageRequest, payer: Payer, fault: AppError | null) => {
      const { context, visitToken } = page
      const content = renderPay({ context, visitToken, view: await payer.view(), fault })
      const status = fault === null ? 200 : statusOf(fault)
      return sendPage(deps, reply, { ...context, languagePath: PAY_PATH }, { ...content, status })
    }

    app.get(PAY_PATH, async (request, reply) => {
      const page = await requireVisit(deps, limits, request, 'pay')
      if (switchLanguage(deps, request, reply)) return reply
      return send(reply, page, payerOf(pay, page), null)
    })

    // The provider's page is another site: the cookie comes along only with a step from a page of ours.
    app.get(RETURN_PATH, (request, reply) => {
      const context = contextOf(deps, request, null)
      const title = context.t('pay.title')
      return sendPage(deps, reply, context, {
        title,
        body: html`<section>
          <h1>${title}</h1>
          <p>
            <a class="button" href="${PAY_PATH}">${context.t('pay.look')}</a>
          </p>
        </section>`,
        script: `location.replace('${PAY_PATH}')`,
      })
    })

    type Step = (payer: Payer, fields: URLSearchParams, page: PageRequest, ip: string) => Promise<void>
    const steps: Readonly<Record<string, Step>> = {
      order(payer, fields, { context }, ip) {
        const provider = wordOf(fields, 'provider', PAYMENT_PROVIDERS)
        const name = wordOf(fields, 'package', PACKAGES)
        const nobody = { name: '', email: null, phone: null, address: null, ip }
        return payer.order({
          provider,
          package: name,
          description: `Gavatcore ${context.t(`words:package.${name}`)}`,
          returnUrl: `${deps.publicUrl ?? ''}${RETURN_PATH}`,
          payer: needsPayer(provider) ? payerFrom(fields, ip) : nobody,
        })
      },
      claim: (payer, fields) => payer.claim((fields.get('evidence') ?? '').trim()),
    }
    for (const [name, step] of Object.entries(steps)) {
      app.post(`${PAY_PATH}/${name}`, async (request, reply) => {
        const { fields, ...page } = await requireForm(deps, limits, request, 'pay')
        const payer = payerOf(pay, page)
        try {
          await step(payer, fields, page, addressOf(request))
        } catch (error) {
          if (!isRefusal(error) || error.kind === 'unauthenticated' || error.kind === 'forbidden') throw error
          return send(reply, page, payer, error)
        }
        return reply.header('cache-control', 'no-store').redirect(PAY_PATH, 303)
      })
    }
  },
})
