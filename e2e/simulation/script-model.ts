import { DAY_MS, SECOND_MS } from '#server/base/duration.ts'
import type { Random } from '#server/base/random.ts'
import type { FakeAnswer, FakeReply } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import type { SimulatorClock } from '#simulator/clock.ts'

/** Prices and offers that no catalogue of the simulation has. */
export const INVENTED = ['Size özel yüzde 90 indirim!', 'Bugün yalnızca 37 TL.', 'Kurs bu hafta 45 ₺.']

export interface ModelScript {
  readonly answer: FakeAnswer
  /** How often each kind of answer was given. */
  readonly given: ReadonlyMap<string, number>
}

/** A server of models is out of order for a day, twelve days after the beginning. */
const OUTAGE_AFTER_MS = 12 * DAY_MS

const nameOf = (serial: number): string => Array.from(String(serial), (digit) => 'kmprstzbdn'[Number(digit)]).join('e')

/** A model as they are: mostly good, often slow, and now and then out of its mind or out of reach. */
export const scriptModel = (random: Random, clock: SimulatorClock): ModelScript => {
  const startAt = clock.now()
  const given = new Map<string, number>()
  let serial = 0
  const say = (text: string, more: { readonly confidence?: number; readonly needsHuman?: boolean } = {}): FakeReply => {
    serial += 1
    const words = `${text} Sorarsanız sözcüğünüz ${nameOf(serial)}.`
    const reply = { language: 'tr', confidence: 95, intent: 'soru', needsHuman: false, usedFacts: [], ...more }
    return { kind: 'value', value: { ...reply, text: words }, delayMs: 300 }
  }
  const good = () => say('Atölye Kadıköy’de, iskeleye yürüyerek beş dakika.')
  const invented = () => say(INVENTED[Math.floor(random.next() * INVENTED.length)] ?? '', { confidence: 99 })
  const kinds: readonly (readonly [share: number, name: string, make: () => FakeReply])[] = [
    [0.59, 'good', good],
    [0.1, 'slow', () => ({ ...good(), delayMs: 9 * SECOND_MS })],
    [0.1, 'invented', invented],
    [0.05, 'unsure', () => say('Bunu bilmiyorum.', { confidence: 20 })],
    [0.03, 'human', () => say('Bunu bir çalışanımız bilir.', { needsHuman: true })],
    [0.03, 'refusal', () => ({ kind: 'refusal' })],
    [0.03, 'rubbish', () => ({ kind: 'text', text: '{"text": 12,' })],
    [0.02, 'html', () => ({ kind: 'html' })],
    [0.02, 'rate_limited', () => ({ kind: 'rate_limited', afterMs: 3 * SECOND_MS })],
    [0.01, 'silent', () => ({ kind: 'silent' })],
    [0.02, 'down', () => ({ kind: 'down' })],
  ]
  const isOut = () => clock.now() >= startAt + OUTAGE_AFTER_MS && clock.now() < startAt + OUTAGE_AFTER_MS + DAY_MS
  const choose = () => {
    if (isOut()) return ['outage', () => ({ kind: 'down' }) as const] as const
    let left = random.next()
    for (const [share, name, make] of kinds) {
      left -= share
      if (left < 0) return [name, make] as const
    }
    return ['good', good] as const
  }
  return {
    given,
    answer: ({ shape }) => {
      if (shape.name !== 'reply') return { kind: 'refusal' }
      const [name, make] = choose()
      given.set(name, (given.get(name) ?? 0) + 1)
      return make()
    },
  }
}
