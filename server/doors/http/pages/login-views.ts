import type { AppError } from '#server/base/errors.ts'
import type { Translate } from '#server/base/translate.ts'
import { LINK_CONSENT_VERSION, type LoginView } from '#server/modules/accounts/index.ts'

import { type Html, html } from './html.ts'
import { type PageContent, type PageContext, renderFault, renderField, renderForm } from './layout.ts'
import { csrfOf } from './page-request.ts'
import { drawQr, renderQr } from './qr-code.ts'

export const LOGIN_PATH = '/account-login'
export const SESSIONS_PATH = '/account-sessions'
/** Where the panel shows what was linked. */
const PANEL_ACCOUNTS_PATH = '/app/accounts'

/** What the login page is drawn from. */
export interface LoginScene {
  readonly context: PageContext
  readonly visitToken: string
  readonly tenantName: string
  readonly fault: AppError | null
  /** The number as it was typed, to be mended rather than typed again. */
  readonly typedPhone?: string
  /** The person is signed in to the web panel, too, and came from there. */
  readonly isInPanel?: boolean
}

const faultText = (t: Translate, fault: AppError | null): string | null =>
  fault === null ? null : t(`errors:${fault.code}`, fault.params)

/** A fault stands beside its field where the page has that field, else at the top. */
const placeFault = ({ context, fault }: LoginScene, fields: readonly string[]) => {
  const text = faultText(context.t, fault)
  const field = fields.find((name) => name === fault?.params['field']) ?? null
  return { top: field === null ? text : null, beside: (name: string) => (name === field ? text : null) }
}

const form = ({ visitToken }: LoginScene, action: string, body: Html): Html => {
  const path = `${LOGIN_PATH}/${action}`
  return renderForm(path, csrfOf(visitToken, path), body)
}

const cancelForm = (scene: LoginScene): Html =>
  form(scene, 'cancel', html`<button type="submit" class="plain">${scene.context.t('login.cancel')}</button>`)

const consentBox = ({ context: { t }, tenantName }: LoginScene, id: string, fault: string | null): Html =>
  html`${fault !== null && html`<p class="fault" id="${id}-fault" role="alert">${fault}</p>`}
    <label class="check" for="${id}">
      <input
        type="checkbox"
        id="${id}"
        name="consent"
        value="${LINK_CONSENT_VERSION}"
        required
        ${fault !== null && html`aria-invalid="true" aria-describedby="${id}-fault"`}
      />
      <span>${t('login.consent', { tenant: tenantName })}</span>
    </label>`

/** The two ways, with the text that is agreed to; `ended` says how the login before ended. */
export const renderChoice = (scene: LoginScene, ended: LoginView | null): PageContent => {
  const { t } = scene.context
  const { top, beside } = placeFault(scene, ['phone', 'consent'])
  const isQr = scene.fault?.params['way'] === 'qr'
  const consentFault = beside('consent')
  const title = t('login.title')
  return {
    title,
    body: html`<section>
        <h1>${title}</h1>
        ${renderFault(top ?? (ended?.state === 'ended' && scene.fault === null ? endedText(t, ended) : null))}
        <p>${t('login.intro', { tenant: scene.tenantName })}</p>
        <ul>
          <li>${t('login.promise_session')}</li>
          <li>${t('login.promise_secrets')}</li>
          <li>${t('login.promise_limits')}</li>
        </ul>
      </section>
      <section aria-labelledby="by-qr">
        <h2 id="by-qr">${t('login.qr_heading')}</h2>
        <p>${t('login.qr_text')}</p>
        ${form(
          scene,
          'qr',
          html`${consentBox(scene, 'consent-qr', isQr ? consentFault : null)}
            <button type="submit">${t('login.qr_button')}</button>`,
        )}
      </section>
      <section aria-labelledby="by-phone">
        <h2 id="by-phone">${t('login.phone_heading')}</h2>
        ${form(
          scene,
          'phone',
          html`${renderField({
              name: 'phone',
              label: t('login.phone_label'),
              hint: t('login.phone_hint'),
              fault: beside('phone'),
              type: 'tel',
              inputmode: 'tel',
              autocomplete: 'tel',
              maxlength: 32,
              ...(scene.typedPhone !== undefined && { value: scene.typedPhone }),
              takesFocus: beside('phone') !== null,
            })}
            ${consentBox(scene, 'consent-phone', isQr ? null : consentFault)}
            <button type="submit">${t('login.phone_button')}</button>`,
        )}
      </section>`,
  }
}

/** How an attempt ended that was not linked; a refusal of Telegram's in its own words. */
const endedText = (t: Translate, { endedWhy }: LoginView): string => {
  if (endedWhy === 'cancelled' || endedWhy === 'disconnected' || endedWhy === 'linked_anew')
    return t(`ended.${endedWhy}`)
  for (const code of [`login_${endedWhy}`, String(endedWhy)]) {
    const text = t(`errors:${code}`, { minutes: 15, triesLeft: 0 })
    if (text !== code && text !== `errors:${code}`) return text
  }
  return t('ended.other')
}

export const renderCode = (scene: LoginScene, view: LoginView): PageContent => {
  const { t } = scene.context
  const { top, beside } = placeFault(scene, ['code'])
  const title = t('login.code_title')
  const via = t(`login.code_via.${view.codeVia ?? 'other'}`)
  return {
    title,
    body: html`<section>
      <h1>${title}</h1>
      ${renderFault(top)}
      <p>${t('login.code_text')} <bdi>${view.phoneMasked}</bdi>. ${via}</p>
      ${form(
        scene,
        'code',
        html`${renderField({
            name: 'code',
            label: t('login.code_label'),
            hint: `${t('login.code_hint')} ${t('login.tries_left', { left: view.triesLeft })}`,
            fault: beside('code'),
            type: 'text',
            inputmode: 'numeric',
            autocomplete: 'one-time-code',
            maxlength: 16,
            isCode: true,
          })} <button type="submit">${t('login.go_on')}</button>`,
      )}
      <div class="actions">
        ${form(scene, 'resend', html`<button type="submit" class="plain">${t('login.resend')}</button>`)}
        ${cancelForm(scene)}
      </div>
    </section>`,
  }
}

export const renderPassword = (scene: LoginScene, view: LoginView): PageContent => {
  const { t } = scene.context
  const { top, beside } = placeFault(scene, ['password'])
  const title = t('login.password_title')
  return {
    title,
    body: html`<section>
      <h1>${title}</h1>
      ${renderFault(top)}
      <p>${t('login.password_text')}</p>
      ${form(
        scene,
        'password',
        html`${renderField({
            name: 'password',
            label: t('login.password_label'),
            hint: html`${
              view.hint !== null && html`${t('login.password_hint')} <bdi dir="auto">${view.hint}</bdi>. `
            }${t('login.tries_left', {
              left: view.triesLeft,
            })}`,
            fault: beside('password'),
            type: 'password',
            autocomplete: 'off',
            maxlength: 256,
          })} <button type="submit">${t('login.go_on')}</button>`,
      )}
      <h2>${t('login.forgotten_title')}</h2>
      <p>${t('login.forgotten_text')}</p>
      <div class="actions">${cancelForm(scene)}</div>
    </section>`,
  }
}

/** Seconds after which a browser without scripts looks again. */
const REFRESH_SECONDS = 10

/** Keeps the code fresh, and moves on when it was scanned; works without by reloading. */
const QR_SCRIPT = `
const svg = document.getElementById('qr'), path = svg.firstElementChild, status = document.getElementById('status')
const look = async () => {
  try {
    const answer = await fetch('${LOGIN_PATH}/state', { headers: { accept: 'application/json' } })
    if (answer.status === 429) return setTimeout(look, 10000)
    const { state, qr } = await answer.json()
    if (state !== 'scan') return location.replace('${LOGIN_PATH}')
    if (qr && path.getAttribute('d') !== qr.path) {
      svg.setAttribute('viewBox', '0 0 ' + qr.size + ' ' + qr.size)
      path.setAttribute('d', qr.path)
      status.textContent = status.dataset.renewed
    }
  } catch { status.textContent = status.dataset.offline }
  setTimeout(look, 2000)
}
setTimeout(look, 1500)
`

export const renderScan = (scene: LoginScene, view: LoginView): PageContent => {
  const { t } = scene.context
  const title = t('login.scan_title')
  return {
    title,
    script: QR_SCRIPT,
    refreshSeconds: REFRESH_SECONDS,
    body: html`<section>
      <h1>${title}</h1>
      ${renderFault(faultText(t, scene.fault))}
      <ol>
        <li>${t('login.scan_step_open')}</li>
        <li>${t('login.scan_step_devices')}</li>
        <li>${t('login.scan_step_point')}</li>
      </ol>
      ${view.qr !== null && renderQr(drawQr(view.qr.url), t('login.qr_alt'))}
      <p
        class="soft"
        id="status"
        role="status"
        data-renewed="${t('login.scan_renewed')}"
        data-offline="${t('login.scan_offline')}"
      >
        ${t('login.scan_waiting')}
      </p>
      <div class="actions">
        ${form(scene, 'scanned', html`<button type="submit">${t('login.scanned')}</button>`)} ${cancelForm(scene)}
      </div>
    </section>`,
  }
}

export const renderDone = ({ context: { t }, tenantName, isInPanel = false }: LoginScene): PageContent => {
  const title = t('done.title')
  return {
    title,
    body: html`<section>
      <h1>${title}</h1>
      <p class="note" role="status">${t('done.text', { tenant: tenantName })}</p>
      <p>${t('done.next')}</p>
      ${isInPanel && html`<p><a class="button" href="${PANEL_ACCOUNTS_PATH}">${t('done.panel')}</a></p>`}
      <p><a href="tg://resolve">${t('done.back')}</a></p>
      <p><a href="${SESSIONS_PATH}">${t('done.sessions')}</a></p>
      <p><a href="${LOGIN_PATH}?another=1">${t('done.another')}</a></p>
    </section>`,
  }
}
