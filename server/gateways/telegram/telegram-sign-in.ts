/** What has to match when a person comes back from Telegram's page; each 43 characters that nobody can guess. */
export interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636): shows that who asks for the tokens is who sent the person off. */
  readonly verifier: string
}

export type SignInAnswer =
  | { readonly kind: 'person'; readonly telegramId: number }
  /** The person said no, or something did not match; `reason` is a code without anything personal. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** Telegram's own log-in (OpenID Connect): says who somebody is, on their word to Telegram. */
export interface TelegramSignIn {
  /** Where the person is sent; null while Telegram cannot be reached. */
  pageFor(secrets: SignInSecrets, returnUrl: string): Promise<string | null>
  /** Who came back to `returned`, the whole address. Each code that Telegram gives out is good once. */
  identify(returned: URL, secrets: SignInSecrets): Promise<SignInAnswer>
}
