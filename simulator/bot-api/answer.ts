/** What goes back over the wire: an answer, or a connection that is cut or left silent. */
export type Answer = {
  readonly kind: 'json' | 'html' | 'drop' | 'hang'
  readonly status: number
  readonly body: string
  /** Real time to wait before answering, on top of the base latency. */
  readonly delayMs: number
}
