/** What a pressed button asks for. */
export interface ButtonCall {
  /** `key.verb` of a command of the registry. */
  readonly action: string
  /** The tenant the button is about; 0 for none. */
  readonly tenantId: number
  /** Proof of the question before: set on the answer "yes" alone. */
  readonly nonce: string
  readonly args: readonly string[]
}

/** Raised when the layout changes: buttons of an older one get a calm answer instead of a wrong deed. */
const VERSION = '1'
const MAX_BYTES = 64
const ACTION = /^[a-z]{2,4}[.][a-z_]{1,12}$/
const WORD = /^[A-Za-z0-9_-]*$/

/**
 * Telegram's callback data for a call, at most 64 bytes: `1:act.verb:tenant:nonce:arg:arg`. A call that does not fit is
 * a bug of its screen.
 */
export const encodeCall = ({ action, tenantId, nonce, args }: ButtonCall): string => {
  const text = [VERSION, action, tenantId.toString(36), nonce, ...args].join(':')
  const isPlain = ACTION.test(action) && [nonce, ...args].every((word) => WORD.test(word))
  if (!isPlain || Buffer.byteLength(text) > MAX_BYTES) throw new Error(`no button can carry ${action} (${text.length})`)
  return text
}

/** The call behind callback data; null for data of another version, of another bot, or of nobody we know. */
export const decodeCall = (data: string): ButtonCall | null => {
  const [version, action = '', tenant = '', nonce = '', ...args] = data.split(':')
  if (version !== VERSION || !ACTION.test(action) || !/^[0-9a-z]{1,11}$/.test(tenant)) return null
  if (![nonce, ...args].every((word) => WORD.test(word))) return null
  const tenantId = Number.parseInt(tenant, 36)
  return Number.isSafeInteger(tenantId) ? { action, tenantId, nonce, args } : null
}
