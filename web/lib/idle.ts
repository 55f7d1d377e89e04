/** Lets the browser answer whoever touches the screen before what follows is done. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** Until the browser has nothing more urgent to do; browsers that cannot tell say so after a moment. */
export const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: 2_000 })
    else setTimeout(resolve, 200)
  })
