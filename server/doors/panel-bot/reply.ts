/** A button as a screen names it: what it asks of us, or an address it opens. */
export type PanelButton =
  | {
      readonly label: string
      /** `key.verb`; a bare `key` shows the command itself. */
      readonly action: string
      readonly args?: readonly (string | number)[]
      /** The tenant of the talk unless another is named. */
      readonly tenantId?: number
    }
  | { readonly label: string; readonly url: string }
  /** Opens a page of ours inside Telegram. */
  | { readonly label: string; readonly appUrl: string }

/** What the next thing somebody writes will answer. */
export interface Awaits {
  /** `key.input` of a command of the registry. */
  readonly input: string
  readonly args?: readonly (string | number)[]
  /** The tenant it is about; 0 for none. Filled in by the router with the talk's own. */
  readonly tenantId?: number
  /** Fifteen minutes when left out. */
  readonly forMs?: number
}

/** The one answer to a command, a press or a text. */
export interface Reply {
  /** Telegram HTML; without it nothing but the toast is shown. */
  readonly text?: string
  readonly rows?: readonly (readonly PanelButton[])[]
  /** A short text over the chat, for presses; without markup. */
  readonly toast?: string
  /** Ends what was asked before, unless it is a toast alone. */
  readonly awaits?: Awaits
  /** A press is answered by a new message instead of an edit. */
  readonly asNew?: boolean
  /** Set by {@link askConfirmation} alone. */
  readonly confirms?: { readonly call: string }
  /** Tenant of buttons and questions that name none; filled in by the router. */
  readonly tenantId?: number
}
