import { type LookupAddress, lookup } from 'node:dns'
import { type LookupFunction, isIP } from 'node:net'

import { Agent, buildConnector } from 'undici'

import { SECOND_MS } from '#server/base/duration.ts'

import { isPublicAddress } from './endpoint-address.ts'

const CONNECT_TIMEOUT_MS = 5 * SECOND_MS

export interface AgentLimits {
  /** Of one server. */
  readonly sockets: number
  /** The body of an answer that is longer is cut off with an error. */
  readonly answerBytes: number
}

const refusal = (): NodeJS.ErrnoException =>
  Object.assign(new Error('the name leads to an address that is not public'), { code: 'PRIVATE_ADDRESS' })

/** Looks up a name; the default is the machine's resolver. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Refuses a name as soon as one of its addresses is not public: the one that is checked is the one connected to. */
const publicLookup =
  (resolve: Resolve): LookupFunction =>
  (hostname, options, done) =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      const [first] = addresses
      if (!first || addresses.some(({ address }) => !isPublicAddress(address))) return done(refusal(), [])
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })

const agentOptions = ({ sockets, answerBytes }: AgentLimits) =>
  ({ connections: sockets, allowH2: false, maxResponseSize: answerBytes }) as const

/** Sockets to public addresses alone, whatever a name is made to lead to. */
export const createPublicAgent = (limits: AgentLimits, resolve: Resolve = lookup): Agent => {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: publicLookup(resolve) })
  return new Agent({
    ...agentOptions(limits),
    connect(options, done) {
      // A literal address is never looked up.
      const host = options.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && !isPublicAddress(host)) done(refusal(), null)
      else connect(options, done)
    },
  })
}

/** Sockets to anywhere, for addresses that whoever runs the installation vouches for. */
export const createOpenAgent = (limits: AgentLimits): Agent =>
  new Agent({ ...agentOptions(limits), connect: { timeout: CONNECT_TIMEOUT_MS } })
