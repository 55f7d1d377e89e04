import { expect } from 'vitest'

/** An answer as a person would see it. */
export interface SeenPage {
  readonly status: number
  readonly url: string
  readonly text: string
  readonly headers: Headers
}

export interface PageVisitor {
  readonly cookies: Map<string, string>
  /** The page shown last. */
  readonly seen: () => SeenPage
  open(path: string): Promise<SeenPage>
  /** Sends the form of the page shown last whose action ends like this, with what was typed into it. */
  submit(action: string, typed?: Readonly<Record<string, string>>): Promise<SeenPage>
  /** Posts whatever it is told, as another site's page would. */
  post(path: string, fields: Readonly<Record<string, string>>, headers?: Record<string, string>): Promise<SeenPage>
}

const REDIRECTS_MAX = 5

/** A browser without scripts: keeps cookies, follows redirects, fills in forms as the page gives them. */
export const createPageVisitor = (address: string, language = 'tr'): PageVisitor => {
  const cookies = new Map<string, string>()
  let last: SeenPage = { status: 0, url: '', text: '', headers: new Headers() }

  const request = async (path: string, init: RequestInit, left = REDIRECTS_MAX): Promise<SeenPage> => {
    const response = await fetch(new URL(path, address), {
      ...init,
      redirect: 'manual',
      headers: {
        'accept-language': language,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(init.headers as Record<string, string> | undefined),
      },
    })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location !== null && left > 0) return request(location, {}, left - 1)
    last = { status: response.status, url: path, text: await response.text(), headers: response.headers }
    return last
  }

  const visitor: PageVisitor = {
    cookies,
    seen: () => last,
    open: (path) => request(path, {}),
    submit(action, typed = {}) {
      const forms = [...last.text.matchAll(/<form method="post" action="([^"]+)">([\s\S]*?)<\/form>/g)]
      const form = forms.find(([, path]) => path?.endsWith(action))
      expect(form, `no form ${action} on ${last.url}:\n${last.text.slice(-1_500)}`).toBeDefined()
      const hidden = [...(form?.[2] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
      const kept = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]))
      return visitor.post(form?.[1] ?? '', { ...kept, ...typed }, { 'sec-fetch-site': 'same-origin' })
    },
    post: (path, fields, headers = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
  }
  return visitor
}
