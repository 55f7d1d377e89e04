import { LOCALES, type Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Brand } from '#server/modules/tenancy/index.ts'

import { type Html, type HtmlValue, html, verbatim } from './html.ts'
import { PAGE_STYLE } from './style.ts'

/** What every page needs to know to be drawn. */
export interface PageContext {
  readonly locale: Locale
  /** The catalogue `pages`; others by their prefix (`errors:…`). */
  readonly t: Translate
  /** Names the inline style and script in the content security policy; new for each answer. */
  readonly nonce: string
  /** Where the links to other languages lead; none are shown when it is left out. */
  readonly languagePath?: string
  /** Of the tenant whose page it is; the product's own look without one. */
  readonly brand?: Pick<Brand, 'name' | 'colours' | 'logoPath'>
}

export interface PageContent {
  readonly title: string
  readonly body: HtmlValue
  /** Of this repository, run at the end of the page; the page works without. */
  readonly script?: string
  /** Seconds after which a browser without scripts asks again. */
  readonly refreshSeconds?: number
}

const LANGUAGE_NAMES: Readonly<Record<Locale, string>> = { tr: 'Türkçe', en: 'English', ru: 'Русский', ar: 'العربية' }

const directionOf = (locale: Locale): 'rtl' | 'ltr' => (locale === 'ar' ? 'rtl' : 'ltr')

const PRODUCT = 'Gavatcore'

/** The accent of a tenant in place of the page's own, in both schemes of light. */
const brandStyle = ({ brand }: PageContext): string => {
  const colours = brand?.colours
  if (!colours) return ''
  const { onLight, onDark } = colours
  return `:root { --accent: ${onLight}; --accent-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --accent: ${onDark}; --accent-ink: #000; } }`
}

/** A whole page: one document, nothing from outside. */
export const renderPage = (context: PageContext, content: PageContent): string => {
  const { locale, t, nonce, languagePath, brand } = context
  const name = brand?.name ?? PRODUCT
  const logoPath = brand?.logoPath ?? null
  const page = html`<!doctype html>
    <html lang="${locale}" dir="${directionOf(locale)}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <link rel="icon" href="data:," />
        <title>${content.title} · ${name}</title>
        <style nonce="${nonce}">
          ${verbatim(PAGE_STYLE + brandStyle(context))}
        </style>
        ${
          content.refreshSeconds !== undefined &&
          html`<noscript><meta http-equiv="refresh" content="${content.refreshSeconds}" /></noscript>`
        }
      </head>
      <body>
        <header>
          <strong>
            ${logoPath !== null && html`<img class="logo" src="${logoPath}" alt="" />`}
            <span dir="auto">${name}</span>
          </strong>
          ${languagePath !== undefined && renderLanguages(locale, t('languages'), languagePath)}
        </header>
        <main id="main">${content.body}</main>
        <footer><p>${t('footer')}</p></footer>
        ${
          content.script !== undefined &&
          html`<script nonce="${nonce}">
            ${verbatim(content.script)}
          </script>`
        }
      </body>
    </html>`
  return page.toString().trim()
}

const renderLanguages = (current: Locale, label: string, path: string): Html =>
  html`<nav aria-label="${label}">
    <ul>
      ${LOCALES.map(
        (locale) =>
          html`<li>
            <a
              href="${path}?lang=${locale}"
              hreflang="${locale}"
              lang="${locale}"
              ${locale === current && html`aria-current="true"`}
              >${LANGUAGE_NAMES[locale]}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`

/** What went wrong with the whole page rather than with one of its fields; read out at once. */
export const renderFault = (text: string | null): Html | null =>
  text === null ? null : html`<p class="fault" role="alert">${text}</p>`

/** What a field needs to be drawn with its label, its hint, and what is wrong with it. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly hint?: HtmlValue
  readonly fault?: string | null
  readonly type: 'tel' | 'text' | 'password'
  readonly value?: string
  readonly autocomplete: string
  readonly inputmode?: 'numeric' | 'tel'
  readonly maxlength?: number
  readonly isCode?: boolean
  /** Words in the person's own language, in whichever direction it is written. */
  readonly isProse?: boolean
  /** Whether typing can begin at once: the page's only field, or the one at fault. Yes unless told otherwise. */
  readonly takesFocus?: boolean
}

/** A labelled input; its fault stands beside it and is read with it. */
export const renderField = (field: Field): Html => {
  const { name, fault = null } = field
  const described = [field.hint != null && `${name}-hint`, fault !== null && `${name}-fault`].filter(Boolean).join(' ')
  return html`<label for="${name}">${field.label}</label>
    ${field.hint != null && html`<p class="hint" id="${name}-hint">${field.hint}</p>`}
    ${fault !== null && html`<p class="fault" id="${name}-fault" role="alert">${fault}</p>`}
    <input
      id="${name}"
      name="${name}"
      type="${field.type}"
      dir="${field.isProse === true ? 'auto' : 'ltr'}"
      required
      ${field.takesFocus !== false && html`autofocus`}
      autocomplete="${field.autocomplete}"
      spellcheck="false"
      autocapitalize="off"
      ${field.value !== undefined && html`value="${field.value}"`}
      ${field.inputmode !== undefined && html`inputmode="${field.inputmode}"`}
      ${field.maxlength !== undefined && html`maxlength="${field.maxlength}"`}
      ${field.isCode === true && html`class="code"`}
      ${described !== '' && html`aria-describedby="${described}"`}
      ${fault !== null && html`aria-invalid="true"`}
    />`
}

/** A form that posts to `action`, with the token that proves it is ours. */
export const renderForm = (action: string, csrf: string, body: HtmlValue): Html =>
  html`<form method="post" action="${action}">
    <input type="hidden" name="csrf" value="${csrf}" />
    ${body}
  </form>`
