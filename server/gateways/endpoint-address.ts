import { BlockList, isIP } from 'node:net'

/** Addresses that are not on the public internet: own machine, own network, cloud metadata, reserved (IANA registries). */
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** Of version 6 only 2000::/3 is public, and in it not what stands for version 4 or for examples. */
const NOT_PUBLIC_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const notPublic = new BlockList()
for (const [address, prefix] of NOT_PUBLIC_V4) notPublic.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of NOT_PUBLIC_V6) notPublic.addSubnet(address, prefix, 'ipv6')
const publicV6 = new BlockList()
publicV6.addSubnet('2000::', 3, 'ipv6')

/** Whether an IP address is reached over the public internet; false for anything that is no address. */
export const isPublicAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, 'ipv4')
    case 6:
      return publicV6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6')
    default:
      return false
  }
}

export type AddressFault = 'not_an_address' | 'not_https' | 'private_address'

/**
 * What is wrong with an endpoint's address as it is written; null when nothing is. Where a name leads is seen only when
 * connecting. With `isPrivateAllowed` plain http and addresses of the own network pass; a query only where one is taken.
 */
export const findAddressFault = (
  address: string,
  isPrivateAllowed: boolean,
  { takesQuery = false }: { readonly takesQuery?: boolean } = {},
): AddressFault | null => {
  if (!URL.canParse(address)) return 'not_an_address'
  const { protocol, hostname, username, password, search, hash } = new URL(address)
  if (username !== '' || password !== '' || hash !== '' || hostname === '') return 'not_an_address'
  if (search !== '' && !takesQuery) return 'not_an_address'
  if (protocol !== 'https:' && protocol !== 'http:') return 'not_an_address'
  if (isPrivateAllowed) return null
  if (protocol !== 'https:') return 'not_https'
  const host = hostname.replace(/^\[|\]$/g, '').replace(/[.]$/, '')
  const isLocalName = /(?:^|[.])(?:localhost|local|internal|localdomain)$/i.test(host)
  return isLocalName || (isIP(host) !== 0 && !isPublicAddress(host)) ? 'private_address' : null
}
