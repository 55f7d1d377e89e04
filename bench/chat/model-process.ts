/** A language model's server in a process of its own: answers every reply after a fixed while, always alike. */
import { startModelServer } from '#server/testing/llm/start-model-server.ts'

import { readInput } from '../rig/child.ts'

const { delayMs } = readInput<{ readonly delayMs: number }>()
const server = await startModelServer()
const value = {
  text: 'Kargo iki iş günü içinde elinizde olur.',
  language: 'tr',
  confidence: 95,
  intent: 'kargo',
  needsHuman: false,
  usedFacts: ['Kargo'],
}
server.reply({ kind: 'value', value, delayMs })
process.send?.({ baseUrl: server.baseUrl })
process.on('SIGTERM', () => process.exit(0))
