import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import {
  type PersonaContent,
  createPersonaFromPackage,
  getPersona,
  updatePersona,
} from '#server/modules/conversations/index.ts'
import { NOON } from '#server/testing/factories.ts'

import { ayse, callbackUpdate, messageUpdate } from './update-factories.suite.ts'
import { createUpdatesWorld } from './updates-world.suite.ts'

export type PersonaWorld = Awaited<ReturnType<typeof createPersonaWorld>>

export const actor = { by: 'member:1', at: NOON }

/** A tenant whose account has the persona and settings of the largest package, and Ayşe who asks and presses. */
export const createPersonaWorld = async (db: Db) => {
  const world = await createUpdatesWorld(db)
  const { accountId } = world
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, world.tenantId, work)
  const begin = { accountId, package: 'enterprise', locale: 'tr', displayName: 'Ayşe' } as const
  await within((tx) => createPersonaFromPackage(tx, begin, NOON))

  const change = (content: Partial<PersonaContent>) =>
    within((tx) => updatePersona(tx, { accountId, change: content }, actor))
  const facts = async (more: Partial<PersonaContent['facts']>) => {
    const persona = await within((tx) => getPersona(tx, accountId))
    return change({ menu: [], facts: { ...persona.facts, ...more } })
  }
  const newest = async () => {
    const found = (await world.replies()).at(-1)
    if (!found) throw new Error('nothing was answered')
    return { ...found, labels: found.buttons.flat().map(({ text }) => text) }
  }
  const ask = async (text: string, languageCode = 'tr') => {
    await world.process(messageUpdate(text, { person: { ...ayse, language_code: languageCode } }))
    return newest()
  }
  /** Presses the button with this label under the newest answer. */
  const pressLabel = async (label: string) => {
    const { id, buttons } = await newest()
    const button = buttons.flat().find(({ text }) => text === label)
    if (!button) throw new Error(`no button ${label}`)
    const data = `${id.toString(36)}.${button.action}`
    await world.process(callbackUpdate(data))
    return { ...(await newest()), data }
  }
  return { ...world, within, change, facts, newest, ask, pressLabel }
}
