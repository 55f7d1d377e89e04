import type { Locale, PaymentProviderName } from '#contract/words.ts'
import type { AppError } from '#server/base/errors.ts'
import type { Money } from '#server/modules/billing/index.ts'

import { type Html, html } from './html.ts'
import { type Field, type PageContent, type PageContext, renderFault, renderField, renderForm } from './layout.ts'
import { csrfOf } from './page-request.ts'
import type { Offer, PayView } from './pay-order.ts'

export const PAY_PATH = '/pay'

/** What the payment page is drawn from. */
export interface PayScene {
  readonly context: PageContext
  readonly visitToken: string
  readonly view: PayView
  readonly fault: AppError | null
}

const form = ({ visitToken }: PayScene, action: string, body: Html): Html => {
  const path = `${PAY_PATH}/${action}`
  return renderForm(path, csrfOf(visitToken, path), body)
}

/** Western digits everywhere, as a bank's form takes them. */
const moneyText = (locale: Locale, { amountMinor, currency }: Money): string =>
  new Intl.NumberFormat(`${locale}-u-nu-latn`, { style: 'currency', currency }).format(amountMinor / 100)

const instantText = (locale: Locale, at: number): string =>
  new Intl.DateTimeFormat(`${locale}-u-nu-latn`, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Europe/Istanbul',
  }).format(at)

/** What a provider asks for beside the order; PayTR takes no payment without them. */
const PAYER_FIELDS: readonly (Pick<Field, 'name' | 'type' | 'autocomplete' | 'isProse'> & {
  readonly maxlength: number
})[] = [
  { name: 'name', type: 'text', autocomplete: 'name', maxlength: 60, isProse: true },
  { name: 'email', type: 'text', autocomplete: 'email', maxlength: 100 },
  { name: 'phone', type: 'tel', autocomplete: 'tel', maxlength: 20 },
  { name: 'address', type: 'text', autocomplete: 'street-address', maxlength: 300, isProse: true },
]
export const needsPayer = (provider: PaymentProviderName): boolean => provider === 'paytr'

const faultText = ({ context: { t }, fault }: PayScene): string | null =>
  fault === null ? null : t(`errors:${fault.code}`, fault.params)

const offerRadios = (scene: PayScene, way: PaymentProviderName): Html | null => {
  const { context, view } = scene
  const { offers, chosen } = view
  const [only] = offers
  if (offers.length <= 1) {
    return only === undefined ? null : html`<input type="hidden" name="package" value="${only.package}" />`
  }
  const text = ({ package: name, price }: Offer) =>
    `${context.t(`words:package.${name}`)}: ${moneyText(context.locale, price)}`
  return html`<fieldset>
    <legend>${context.t('pay.package')}</legend>
    ${offers.map(
      (offer) =>
        html`<label class="check" for="${way}-${offer.package}">
          <input
            type="radio"
            id="${way}-${offer.package}"
            name="package"
            value="${offer.package}"
            required
            ${offer.package === chosen && html`checked`}
          />
          <span>${text(offer)}</span>
        </label>`,
    )}
  </fieldset>`
}

const payerFields = (scene: PayScene): readonly Html[] =>
  PAYER_FIELDS.map(({ name, ...field }) =>
    renderField({
      name,
      label: scene.context.t(`pay.payer.${name}`),
      fault: scene.fault?.params['field'] === name ? faultText(scene) : null,
      takesFocus: scene.fault?.params['field'] === name,
      ...field,
    }),
  )

const wayCard = (scene: PayScene, way: PaymentProviderName): Html => {
  const { t } = scene.context
  return html`<section aria-labelledby="way-${way}">
    <h2 id="way-${way}">${t(`words:paymentProvider.${way}`)}</h2>
    <p>${t(`pay.about.${way}`)}</p>
    ${form(
      scene,
      'order',
      html`<input type="hidden" name="provider" value="${way}" />
        ${offerRadios(scene, way)} ${needsPayer(way) && payerFields(scene)}
        <button type="submit">${t('pay.choose')}</button>`,
    )}
  </section>`
}

/** The ways to pay, each with what it needs. */
const renderWays = (scene: PayScene, { isPaying }: { readonly isPaying: boolean }): readonly Html[] => {
  const { context, view } = scene
  // Who may choose among packages may also order another one the same way.
  const isSame = (way: PaymentProviderName) => isPaying && view.offers.length <= 1 && way === view.payment?.provider
  const others = view.ways.filter((way) => !isSame(way))
  if (view.ways.length === 0)
    return [html`<section><p class="fault" role="alert">${context.t('pay.none')}</p></section>`]
  const cards = others.map((way) => wayCard(scene, way))
  if (!isPaying || cards.length === 0) return cards
  return [
    html`<details>
      <summary>${context.t('pay.other')}</summary>
      ${cards}
    </details>`,
  ]
}

const summary = ({ context, view }: PayScene): Html | null => {
  const [only] = view.offers
  if (view.offers.length !== 1 || only === undefined) return null
  return html`<p>
    ${context.t('pay.summary', {
      package: context.t(`words:package.${only.package}`),
      price: moneyText(context.locale, only.price),
    })}
  </p>`
}

const row = (label: string, value: string, isCode: boolean): Html =>
  html`<dt>${label}</dt>
    <dd>${isCode ? html`<bdi class="number">${value}</bdi>` : value}</dd>`

/** What was ordered and where the money goes; the reference is what the payment is found by. */
const orderCard = (scene: PayScene): Html | null => {
  const { context, view } = scene
  const { t, locale } = context
  const { payment, transfer } = view
  if (payment === null) return null
  return html`<section aria-labelledby="order">
    <h2 id="order">${t(`words:paymentProvider.${payment.provider}`)}</h2>
    <dl>
      ${row(t('pay.amount'), moneyText(locale, payment.asked), true)}
      ${row(t('pay.reference'), payment.reference, true)}
      ${transfer?.iban != null && row(t('pay.iban'), transfer.iban.replace(/(.{4})(?=.)/g, '$1 '), true)}
      ${transfer != null && transfer.holder !== '' && row(t('pay.holder'), transfer.holder, false)}
      ${transfer?.papara != null && row(t('pay.papara'), transfer.papara, true)}
      ${row(t('pay.until'), instantText(locale, payment.expiresAt), false)}
    </dl>
    ${transfer === null && payment.checkoutUrl !== null && providerLink(scene, payment.checkoutUrl)}
    ${transfer !== null && html`<p>${t('pay.reference_hint')}</p>`}
  </section>`
}

const providerLink = ({ context: { t } }: PayScene, url: string): Html =>
  html`<p><a class="button" href="${url}" rel="noreferrer">${t('pay.go')}</a></p>
    <p class="soft">${t('pay.tells_itself')}</p>`

const claimCard = (scene: PayScene): Html | null => {
  const { context, view } = scene
  if (view.transfer === null) return null
  const { t } = context
  return html`<section aria-labelledby="claim">
    <h2 id="claim">${t('pay.claim_heading')}</h2>
    <p>${t('pay.claim_text')}</p>
    ${form(
      scene,
      'claim',
      html`${renderField({
          name: 'evidence',
          label: t('pay.evidence_label'),
          hint: t('pay.evidence_hint'),
          fault: scene.fault?.params['field'] === 'evidenceText' ? faultText(scene) : null,
          type: 'text',
          autocomplete: 'off',
          isProse: true,
          maxlength: 500,
          takesFocus: false,
        })} <button type="submit">${t('pay.claim_button')}</button>`,
    )}
  </section>`
}

const ownField = ({ fault }: PayScene): boolean =>
  ['evidenceText', ...PAYER_FIELDS.map(({ name }) => name)].includes(String(fault?.params['field'] ?? ''))

const head = (scene: PayScene, title: string, more: Html | null): Html =>
  html`<section>
    <h1>${title}</h1>
    ${renderFault(ownField(scene) ? null : faultText(scene))}
    ${
      scene.view.refusal !== null &&
      html`<p class="fault" role="status">${scene.context.t('pay.refused', { reason: scene.view.refusal })}</p>`
    }
    ${more}
  </section>`

const back = ({ context: { t } }: PayScene, key: string): Html =>
  html`<p class="note" role="status">${t(key)}</p>
    <p><a href="tg://resolve">${t('done.back')}</a></p>`

/** How long a browser waits before it asks whether the provider has told. */
const LOOK_AGAIN_SECONDS = 10

export const renderPay = (scene: PayScene): PageContent => {
  const { t } = scene.context
  switch (scene.view.state) {
    case 'choosing':
      return {
        title: t('pay.title'),
        body: html`${head(scene, t('pay.title'), summary(scene))} ${renderWays(scene, { isPaying: false })}`,
      }
    case 'paying':
      return {
        title: t('pay.title'),
        body: html`${head(scene, t('pay.title'), summary(scene))} ${orderCard(scene)} ${claimCard(scene)}
        ${renderWays(scene, { isPaying: true })}`,
        ...(scene.view.transfer === null && {
          refreshSeconds: LOOK_AGAIN_SECONDS,
          script: `setTimeout(() => location.reload(), ${LOOK_AGAIN_SECONDS * 1_000})`,
        }),
      }
    case 'claimed':
      return { title: t('pay.claimed_title'), body: head(scene, t('pay.claimed_title'), back(scene, 'pay.claimed')) }
    case 'done':
      return { title: t('pay.done_title'), body: head(scene, t('pay.done_title'), back(scene, 'pay.done')) }
    case 'over':
      return { title: t('pay.over_title'), body: head(scene, t('pay.over_title'), back(scene, 'pay.over')) }
  }
}
