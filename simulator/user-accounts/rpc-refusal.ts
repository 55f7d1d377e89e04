/** What Telegram answers a method call it does not grant; `text` is a name of its error database. */
export class RpcRefusal extends Error {
  readonly code: number
  readonly text: string

  constructor(code: number, text: string) {
    super(`${code} ${text}`)
    this.code = code
    this.text = text
  }
}

export const badRequest = (text: string): RpcRefusal => new RpcRefusal(400, text)
export const unauthorized = (text: string): RpcRefusal => new RpcRefusal(401, text)
export const forbidden = (text: string): RpcRefusal => new RpcRefusal(403, text)
