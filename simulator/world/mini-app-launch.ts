import { createHmac, sign } from 'node:crypto'
import { createName } from '#simulator/world/create-world.ts'
import type { SimBot, SimUser, World } from '#simulator/world/types.ts'

export type InitDataInput = {
  /** What the link t.me/<bot>?startapp=… carried. */
  readonly startParam?: string | undefined
  /** Epoch ms; now unless told otherwise. */
  readonly authAt?: number | undefined
}

/**
 * What a Mini App of `bot` gets when `user` opens it: a query string that the bot proves with its token (`hash`, which
 * covers `signature`) and anybody with the public key (`signature`, which covers neither).
 */
export function issueInitData(world: World, bot: SimBot, user: SimUser, input: InitDataInput = {}): string {
  if (user.isDeleted) throw new RangeError(`user ${user.id} is deleted`)
  const startParam = input.startParam ?? ''
  if (!/^[\w-]{0,512}$/.test(startParam)) {
    throw new RangeError('a start parameter is up to 512 characters of A-Z a-z 0-9 _ -')
  }
  const fields = new Map<string, string>([
    ['query_id', `AA${createName(world, 22)}`],
    ['user', JSON.stringify(presentUser(user))],
    ['auth_date', String(Math.floor((input.authAt ?? world.clock.now()) / 1000))],
  ])
  if (startParam !== '') fields.set('start_param', startParam)
  const signed = `${bot.id}:WebAppData\n${linesOf(fields)}`
  fields.set('signature', sign(null, Buffer.from(signed), world.settings.initDataKey).toString('base64url'))
  const secret = createHmac('sha256', 'WebAppData').update(bot.token).digest()
  fields.set('hash', createHmac('sha256', secret).update(linesOf(fields)).digest('hex'))
  return new URLSearchParams([...fields]).toString()
}

function linesOf(fields: ReadonlyMap<string, string>): string {
  return [...fields]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n')
}

/** A person as Mini Apps see them (WebAppUser). */
function presentUser(user: SimUser): object {
  return {
    id: user.id,
    first_name: user.firstName,
    last_name: user.lastName ?? '',
    ...(user.username !== undefined && { username: user.username }),
    ...(user.languageCode !== undefined && { language_code: user.languageCode }),
    ...(user.isPremium && { is_premium: true }),
    allows_write_to_pm: true,
  }
}
