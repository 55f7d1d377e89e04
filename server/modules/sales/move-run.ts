import type { TenantTx } from '#server/db/tenant-scope.ts'
import { addTags } from '#server/modules/contacts/index.ts'
import { findConversationOf, handOverConversation } from '#server/modules/conversations/index.ts'
import { findSegments } from '#server/modules/segments/index.ts'

import { type FunnelEffect, type FunnelEvent, type PersonFacts, advance, wakeAt } from './advance.rules.ts'
import type { FunnelDefinition } from './funnel.rules.ts'
import { findFunnelVersion } from './funnel.store.ts'
import { offerProducts, remindOfProduct } from './offer-products.ts'
import { type Run, saveRun } from './run.store.ts'
import { type Listener, fillText, isolate, speak } from './speak.ts'

/** An event before what is known of the person is added to it. */
export type BareEvent = FunnelEvent extends infer E ? (E extends FunnelEvent ? Omit<E, 'person'> : never) : never

const NOBODY: PersonFacts = { segments: [], tags: [] }

/** Most funnels ask nothing of the kind, and then nothing is read. */
const asksAbout = (definition: FunnelDefinition, what: 'segments' | 'tags'): boolean =>
  definition.stages.some(({ transitions }) => transitions.some(({ when }) => when?.[what] !== undefined))

const factsOf = async (tx: TenantTx, definition: FunnelDefinition, listener: Listener | null): Promise<PersonFacts> => {
  if (!listener) return NOBODY
  if (!asksAbout(definition, 'segments')) return { segments: [], tags: listener.tags }
  const [held] = await findSegments(tx, [listener.contactId])
  return { segments: held?.holdings.map(({ segment }) => segment) ?? [], tags: listener.tags }
}

interface Doing {
  readonly run: Run
  readonly event: BareEvent
  /** Products that the words named. */
  readonly wanted: readonly string[]
  /** Names the messages that come of the event: told twice, they are said once. */
  readonly cause: string
}

const askForPerson = async (tx: TenantTx, { accountId, contactId }: Listener, at: number): Promise<void> => {
  await addTags(tx, { contactIds: [contactId], tags: ['needs-human'], at })
  const conversation = await findConversationOf(tx, accountId, contactId)
  if (conversation) await handOverConversation(tx, conversation.id, 'funnel', at)
}

const sayText = async (tx: TenantTx, listener: Listener, effect: FunnelEffect, doing: Doing): Promise<boolean> => {
  const { t, locale, firstName: name, senderName: sender } = listener
  const { text } = effect.transition
  const product = doing.run.position.product ?? ''
  // A price is told with the offer, which reads it from the catalogue; here it has none.
  const said = text
    ? fillText(text, locale, { product, price: '', name, sender })
    : t('bot:human', { sender: isolate(sender) })
  const buttons = effect.does === 'person' ? [] : [[{ text: t('bot:button.human'), action: 'human' }]]
  const { cause: dedupeKey, event } = doing
  return (await speak(tx, listener, { text: said, buttons, messageClass: 'reply', dedupeKey, at: event.at })) !== null
}

/** Does one thing that a funnel asks for; returns whether anything was said. */
const perform = async (tx: TenantTx, listener: Listener, effect: FunnelEffect, doing: Doing): Promise<boolean> => {
  const { run, event, wanted, cause: dedupeKey } = doing
  const { does, transition } = effect
  const { text } = transition
  switch (does) {
    case 'offer': {
      const own = transition.when?.products
      const named = own ? wanted.filter((name) => own.includes(name)) : wanted
      const fallback = own ?? (run.position.product === null ? [] : [run.position.product])
      return offerProducts(tx, listener, { wanted: named.length > 0 ? named : fallback, text, dedupeKey, at: event.at })
    }
    case 'remind':
      return remindOfProduct(tx, listener, { product: run.position.product, text, dedupeKey, at: event.at })
    case 'person':
      await askForPerson(tx, listener, event.at)
      return event.kind === 'words' && sayText(tx, listener, effect, doing)
    case 'say':
      return sayText(tx, listener, effect, doing)
  }
}

/**
 * Lets an event move somebody's locked run, in the version it began in, and does what comes of it. Without a listener,
 * for somebody who is erased, nothing is said. Returns whether anything was said and whether anything moved.
 */
export const moveRun = async (
  tx: TenantTx,
  run: Run,
  listener: Listener | null,
  {
    event,
    wanted = [],
    cause,
  }: { readonly event: BareEvent; readonly wanted?: readonly string[]; readonly cause: string },
): Promise<{ readonly isSaid: boolean; readonly isMoved: boolean }> => {
  const funnel = await findFunnelVersion(tx, run.funnel, run.version)
  if (!funnel) throw new Error(`run ${run.id} is in a version of ${run.funnel} that is not there`)
  const { definition } = funnel
  const person = await factsOf(tx, definition, listener)
  const { position, steps, effects } = advance(definition, run.position, { ...event, person })
  await saveRun(tx, run, { position, steps, wakeAt: wakeAt(definition, position) })
  let isSaid = false
  for (const [i, effect] of effects.entries()) {
    const doing = { run: { ...run, position }, event, wanted, cause: i === 0 ? cause : `${cause}:${i}` }
    if (listener && (await perform(tx, listener, effect, doing))) isSaid = true
  }
  return { isSaid, isMoved: steps.length > 0 }
}
