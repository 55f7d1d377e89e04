import { readFileSync } from 'node:fs'

import { expect } from 'vitest'

import type { PageVisitor } from '#server/testing/page-visitor.ts'
import type { PanelVisitor, SeenScreen } from '#server/testing/panel.ts'

import type { NewcomerStage } from './open-newcomer-stage.ts'

/** Somebody whose chat with a bot is written down. */
export interface Walker {
  readonly person: PanelVisitor
  sends(text: string): Promise<SeenScreen>
  presses(label: string): Promise<SeenScreen>
  /** Waits for a message that comes by itself. */
  hears(text: string): Promise<SeenScreen>
  /** Leaves out of the walk what has been said so far. */
  skips(): void
  /** Does something in Telegram itself, said in one line, and waits for what the bot says to it. */
  acts<T>(what: string, act: () => T, hears: string): Promise<T>
}

export interface Walk {
  /** A heading of the document, with the sentences below it. */
  chapter(title: string, about: string): void
  walker(name: string, person: PanelVisitor): Walker
  /** What stands in a browser. */
  page(who: string, what: string, visitor: PageVisitor): void
  /** What a bot of the customer's writes. */
  botWrites(who: string, bot: string, text: string): void
  /** What is typed into a terminal, and what it answers. */
  terminal(command: string, output: string): void
  text(): string
}

type Notices = Readonly<Record<string, { readonly head?: string }>>

/** Messages that come by themselves begin like this: they are written down when they are waited for. */
const noticeHeads = (): readonly string[] => {
  const file = new URL('../../locales/tr/panel.json', import.meta.url)
  const { notice } = JSON.parse(readFileSync(file, 'utf8')) as { readonly notice: Notices }
  return Object.values(notice).flatMap(({ head }) => (head === undefined ? [] : [head.split('{{')[0] ?? head]))
}

/** The same in every run: what is drawn by lot, and the minute something happened to fall into. */
const settled = (text: string): string =>
  text
    .replace(/[\u2066-\u2069]/g, '')
    .replace(/\bGC[A-Z0-9]{6,}\b/g, 'GC••••••••')
    .replace(/\bgc_[a-z0-9]{8}_bot\b/g, 'gc_••••••••_bot')
    .replace(/\b\d{9,10}:[A-Za-z0-9_-]{35}\b/g, '7000000042:AA•••')
    .replace(/\b\d{2}[:.]\d{2}\b/g, 'ss:dd')
    .replace(/\b(?:in )?\d+ (?:second|minute)s?(?: ago)?/g, '…')
    .replace(/\b1000000\d{2}\b/g, '1000000••')

const TAGS: readonly (readonly [RegExp, string])[] = [
  [/<(style|script|title)[\s\S]*?<\/\1>/g, ''],
  [/<nav[\s\S]*?<\/nav>/g, ''],
  [/<input type="hidden"[^>]*>/g, ''],
  [/<(?:button|a class="button")[^>]*>([\s\S]*?)<\/(?:button|a)>/g, '\n[ $1 ]\n'],
  [/<input[^>]*>/g, ' ______ '],
  [/<dt>([\s\S]*?)<\/dt>\s*<dd>/g, '\n$1: '],
  [/<\/(p|h1|h2|dd|div|section|label|legend|li)>/g, '\n'],
  [/<[^>]+>/g, ''],
  [/[^\S\n]+/g, ' '],
]

/** What a page says to somebody who reads it. */
const pageText = (html: string): string =>
  TAGS.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html)
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')

const screenText = ({ text, buttons }: SeenScreen): string => {
  const rows = buttons.map((row) => row.map((label) => `[ ${label} ]`).join(' '))
  return [text, ...rows].join('\n')
}

/** Writes a walk down as it happens, one block a conversation. */
export const recordWalk = (stage: NewcomerStage): Walk => {
  const heads = noticeHeads()
  const parts: string[] = []
  let block: string[] = []
  const say = (line: string) => void block.push(settled(line))
  const endBlock = () => {
    if (block.length > 0) parts.push(['```text', ...block, '```'].join('\n'))
    block = []
  }
  const isNotice = ({ text }: SeenScreen): boolean => heads.some((head) => text.startsWith(head))

  const walker: Walk['walker'] = (name, person) => {
    /** What each message said when it was written down last. */
    const told = new Map(person.screens().map((screen) => [screen.messageId, screenText(screen)]))
    const isTold = (screen: SeenScreen) => told.get(screen.messageId) === screenText(screen)
    const tell = (screen: SeenScreen) => {
      told.set(screen.messageId, screenText(screen))
      say(`🤖 → ${name}\n${indent(screenText(screen))}\n`)
    }
    const answered = (): SeenScreen => {
      const news = person.screens().filter((screen) => !isTold(screen) && !isNotice(screen))
      for (const screen of news) tell(screen)
      return news.at(-1) ?? person.lastScreen()
    }
    const newest = (): SeenScreen => {
      const shown = person.screens().findLast((screen) => isTold(screen) && screen.buttons.length > 0)
      if (!shown) throw new Error(`${name} has seen no buttons`)
      return shown
    }
    const waitFor = (text: string): Promise<SeenScreen> =>
      stage.until(`"${text}" for ${name}, who sees ${JSON.stringify(person.screens().slice(-2))}`, () =>
        person.screens().findLast((screen) => screen.text.includes(text) && !isTold(screen)),
      )
    return {
      person,
      async sends(text) {
        say(`${name}: ${text}`)
        await person.sends(text)
        return answered()
      },
      async presses(label) {
        const screen = newest()
        const whole = screen.buttons.flat().find((button) => button.includes(label))
        expect(whole, `no button "${label}" for ${name} under ${screenText(screen)}`).toBeDefined()
        say(`${name}: [ ${whole} ]`)
        await person.presses(label, screen.messageId)
        return answered()
      },
      async hears(text) {
        const screen = await waitFor(text)
        tell(screen)
        return screen
      },
      skips() {
        for (const screen of person.screens()) if (!isNotice(screen)) told.set(screen.messageId, screenText(screen))
      },
      async acts(what, act, text) {
        say(`${name} (${what})`)
        const result = act()
        tell(await waitFor(text))
        return result
      },
    }
  }

  return {
    chapter(title, about) {
      endBlock()
      parts.push(`## ${title}`, about)
    },
    walker,
    page: (who, what, visitor) => say(`🌐 ${who}: ${what}\n${indent(pageText(visitor.seen().text))}\n`),
    botWrites: (who, bot, text) => say(`${bot} → ${who}\n${indent(text)}\n`),
    terminal: (command, output) => say(`$ ${command}\n${indent(output.trim().replace(/[ ]{2,}/g, '  '))}\n`),
    text() {
      endBlock()
      return `${parts.join('\n\n')}\n`
    },
  }
}
