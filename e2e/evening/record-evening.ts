import { expect } from 'vitest'

import type { PanelVisitor } from '#server/testing/panel.ts'

import { type Walker, recordWalk } from '../onboarding/record-walk.ts'
import type { EveningStage } from './open-evening-stage.ts'

export interface Evening {
  chapter(title: string, about: string): void
  guest(name: string, person: PanelVisitor): Walker
  /** Something done in Telegram itself, said in one line, and what is seen of it. */
  seen(who: string, what: string, text: string): void
  /** A command of whoever runs the workshop, and what it prints: the lines that `keep` knows, or all. It must succeed. */
  operator(args: readonly string[], keep?: RegExp): Promise<void>
  /** The dialogue as `inbox show` prints it: where it stands, and what is new in it since the last look. */
  inbox(conversationId: number): Promise<void>
  text(): string
}

/** The same in every run: how long ago something was, and what is drawn by lot. */
const settled = (text: string): string =>
  text
    .replace(/\b\d+ (?:saniye|dakika|saat) (?:önce|sonra)|şimdi/g, '…')
    .replace(/\bSO[A-Z0-9]{6,}\b/g, 'SO••••••')
    .replace(/\bstart=r_\w+/g, 'start=r_••••••')
    .replace(/^( *Kod {2}).+$/gm, '$1••••••')
    .replace(/[^\S\n]+$/gm, '')

/** What tells entries of a dialogue apart. */
interface Known {
  readonly type: string
  readonly id: number
}

/** A line of a dialogue that says what happened. */
const HAPPENED = /^ {3}·/

const quoted = (arg: string): string => (/[\s{}!?]/.test(arg) ? `'${arg}'` : arg)

/** Writes an evening down as it happens: what a guest sees, and what the workshop sees of the same. */
export const recordEvening = (stage: EveningStage): Evening => {
  const walk = recordWalk(stage)
  /** Entries of the dialogue that have been shown, by kind and number. */
  const shown = new Set<string>()
  const run = async (args: readonly string[]): Promise<string> => {
    const { code, out, err } = await stage.shopCli.run(args)
    expect({ args, code, err }).toEqual({ args, code: 0, err: '' })
    return out.trim()
  }
  const commandOf = (args: readonly string[]) => `gavatcore ${args.map(quoted).join(' ')}`
  return {
    chapter: (title, about) => walk.chapter(title, about),
    guest: (name, person) => walk.walker(name, person),
    seen: (who, what, text) => walk.botWrites(`${who} (${what})`, '🤖', text),
    operator: async (args, keep) => {
      const lines = (await run(args)).split('\n')
      const kept = keep === undefined ? lines : [...lines.filter((line) => keep.test(line)), '⋮']
      walk.terminal(commandOf(args), kept.join('\n'))
    },
    async inbox(conversationId) {
      const args = ['inbox', 'show', String(conversationId), '--limit', '200']
      const { entries: known } = (await stage.shopCli.json(args)) as { readonly entries: readonly Known[] }
      const keys = known.map(({ type, id }) => `${type}:${id}`).toReversed()
      const [head = '', ...entries] = (await run(args)).split('\n\n')
      expect(keys).toHaveLength(entries.length)
      // Two entries may read the same, so they are told apart by their numbers.
      const fresh = entries.filter((_, index) => !shown.has(keys[index] ?? ''))
      for (const key of keys) shown.add(key)
      // Within one second either may be the first, so what happened is put after what was said.
      const news = [...fresh.filter((entry) => !HAPPENED.test(entry)), ...fresh.filter((entry) => HAPPENED.test(entry))]
      const earlier = entries.length > news.length ? ['   ⋮'] : []
      walk.terminal(commandOf(args.slice(0, 3)), [head, ...earlier, ...news].join('\n'))
    },
    text: () => settled(walk.text()),
  }
}
