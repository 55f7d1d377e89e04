/** A server cannot listen twice, so each start makes a new one. */
export const httpPart = <S extends { close(): PromiseLike<unknown> }>(
  create: () => S,
  begin: (server: S) => Promise<void>,
) => {
  let server: S | null = null
  return {
    async start() {
      server = create()
      await begin(server)
    },
    async stop() {
      await server?.close()
      server = null
    },
  }
}
