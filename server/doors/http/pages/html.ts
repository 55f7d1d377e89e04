/** Markup that is safe to send. Made by {@link html} alone, so whatever a person typed is escaped by construction. */
export class Html {
  readonly #markup: string

  /** For {@link html} and {@link verbatim}; nothing else makes markup. */
  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

/** What a template takes between its literals: text is escaped, markup goes in as it is, nothing shows as nothing. */
export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter)

const render = (value: HtmlValue): string => {
  if (value instanceof Html) return value.toString()
  if (Array.isArray(value)) return (value as readonly HtmlValue[]).map(render).join('')
  if (value === null || value === undefined || value === false) return ''
  return escapeHtml(String(value))
}

/** Tagged template: `html\`<p>${name}</p>\``. Attribute values go between double quotes. */
export const html = (literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  new Html(literals.map((literal, i) => (i === 0 ? literal : `${render(values[i - 1])}${literal}`)).join(''))

/** Style or script written in this repository, between its tags as it is. Never for anything that came from outside. */
export const verbatim = (source: string): Html => new Html(source)
