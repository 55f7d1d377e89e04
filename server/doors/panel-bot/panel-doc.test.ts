import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { createTranslator } from '#server/base/translate.ts'

import { describeCommands } from './describe-commands.suite.ts'
import { PANEL_COMMANDS } from './registry.ts'

const FILE = resolve(import.meta.dirname, '../../../docs/panel-bot.md')
const BLOCK = /(<!-- commands: begin -->\n)[\s\S]*?(\n<!-- commands: end -->)/

describe('docs/panel-bot.md', () => {
  it('lists the commands of the registry; the option -u brings it in step', async () => {
    const wanted = describeCommands(PANEL_COMMANDS, createTranslator('en', 'panel'))
    const text = readFileSync(FILE, 'utf8')
    expect(text).toMatch(BLOCK)
    const fresh = text.replace(BLOCK, (_, begin: string, end: string) => `${begin}\n${wanted}\n${end}`)
    await expect(fresh).toMatchFileSnapshot(FILE)
  })
})
