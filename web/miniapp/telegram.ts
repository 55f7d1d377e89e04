import {
  backButton,
  hapticFeedback,
  init,
  invoice,
  isTMA,
  miniApp,
  retrieveLaunchParams,
  retrieveRawInitData,
  themeParams,
  viewport,
} from '@tma.js/sdk'

/** What Telegram gave the page; null in a browser, where the page stands on its own. */
export interface Launch {
  readonly initData: string
  /** What the person's Telegram is set to, such as `pt-br`; null where it does not say. */
  readonly language: string | null
}

/** Colours of the person's Telegram as `--tg-theme-…`, and the room that the phone leaves as `--tg-viewport-…`. */
const dress = (): void => {
  themeParams.mount()
  themeParams.bindCssVars()
  miniApp.mount()
  document.documentElement.dataset['scheme'] = themeParams.isDark() ? 'dark' : 'light'
  // The page is drawn before the phone has answered how much room there is.
  void viewport
    .mount({ timeout: 2_000 })
    .then(() => viewport.bindCssVars())
    .catch(() => null)
  if (backButton.isSupported()) backButton.mount()
}

/** Whether there is a Telegram around the page: a phone's or a computer's app, or the frame of a web client. */
const isInTelegram = (): boolean =>
  'TelegramWebviewProxy' in window ||
  (typeof window.external === 'object' && 'notify' in window.external) ||
  window.parent !== window

/** Takes the page up in Telegram. In a plain browser, as while developing, what a launch gave is all there is of it. */
export const startTelegram = (): Launch | null => {
  if (!isTMA()) return null
  if (isInTelegram()) {
    init()
    dress()
  }
  const initData = retrieveRawInitData()
  if (initData === undefined) return null
  return { initData, language: retrieveLaunchParams().tgWebAppData?.user?.language_code ?? null }
}

/** Tells Telegram that there is something to see. */
export const showReady = (): void => {
  if (miniApp.isMounted()) miniApp.ready()
}

/** Back to the chat with the bot. False in a browser. */
export const leave = (): boolean => {
  if (!miniApp.isMounted()) return false
  miniApp.close()
  return true
}

/** What the hand feels when something went well or did not; nothing where the phone cannot. */
export const feel = (how: 'success' | 'error'): void => {
  if (hapticFeedback.notificationOccurred.isAvailable()) hapticFeedback.notificationOccurred(how)
}

/** Whether Telegram shows a way back of its own. */
export const hasBack = (): boolean => backButton.isMounted()

/** Shows Telegram's own way back, where it has one. Returns what takes it away. */
export const showBack = (goBack: () => void): (() => void) => {
  if (!hasBack()) return () => undefined
  const forget = backButton.onClick(goBack)
  backButton.show()
  return () => {
    forget()
    backButton.hide()
  }
}

/** How an invoice ended. */
export type InvoiceEnd = 'paid' | 'failed' | 'pending' | 'cancelled'

const ENDS: readonly InvoiceEnd[] = ['paid', 'failed', 'pending', 'cancelled']

/** Lays an invoice in Stars before the person, inside Telegram, and says how that ended; null where only a link can. */
export const payInvoice = async (url: string): Promise<InvoiceEnd | null> => {
  if (!invoice.openUrl.isAvailable()) return null
  const said = await invoice.openUrl(url)
  // What a newer Telegram may say is left to the payment itself.
  return ENDS.find((end) => end === said) ?? 'pending'
}
