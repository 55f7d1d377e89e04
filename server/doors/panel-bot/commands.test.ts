import { describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { can } from '#server/modules/tenancy/index.ts'
import { openPanel } from '#server/testing/panel.ts'

import { PANEL_COMMANDS } from './registry.ts'

const ROLES: readonly MemberRole[] = ['owner', 'admin', 'agent', 'analyst', 'billing']

describe('PANEL_COMMANDS', () => {
  it('name each command, alias and key once, in letters that Telegram takes', () => {
    const names = PANEL_COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases])
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^[a-z0-9_]{1,32}$/.test(name))).toEqual([])
    const keys = PANEL_COMMANDS.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('hold every command customers were promised, each with an English name beside it', () => {
    const promised = [
      'start',
      'musteri_panel',
      'dashboard',
      'bot_durum',
      'destek',
      'istatistik',
      'mod',
      'ayarlar',
      'dur',
      'devam',
      'lisans_sure',
      'verilerim',
      'sil',
      'izinler',
      'gizlilik',
      'yardim',
      'iptal',
      'paysupport',
      'dil',
    ]
    const names = PANEL_COMMANDS.map(({ name }) => name)
    expect(promised.filter((name) => !names.includes(name))).toEqual([])
    const alone = PANEL_COMMANDS.filter(
      ({ aliases, name, audience }) => aliases.length === 0 && name !== 'start' && audience !== 'operator',
    )
    expect(alone.map(({ name }) => name)).toEqual([])
  })

  it('open to a stranger what is for anyone, and nothing else', async () => {
    const world = await openPanel()
    for (const command of PANEL_COMMANDS) {
      const stranger = world.person()
      const { text } = await stranger.sends(`/${command.name}`)
      const isRefused = text.includes('Bu komut müşteriler içindir') || text.includes('Böyle bir komut yok')
      expect([command.name, isRefused]).toEqual([command.name, command.audience !== 'anyone'])
    }
  }, 120_000)

  it.each(ROLES)(
    'open to a member as %s exactly what the role allows',
    async (role) => {
      const world = await openPanel()
      const tenantId = await world.tenant()
      for (const command of PANEL_COMMANDS) {
        const member = world.person()
        await world.join(tenantId, member, role)
        const { text } = await member.sends(`/${command.name}`)
        const allowed = command.needs === undefined || can({ kind: 'member', role }, command.needs)
        if (command.audience === 'operator')
          expect([command.name, text]).toEqual([command.name, expect.stringContaining('Böyle bir komut yok')])
        else expect([command.name, text.includes('Görevinizle bu yapılamaz')]).toEqual([command.name, !allowed])
        expect(text).not.toMatch(/ters gitti|undefined|\{\{/)
      }
    },
    120_000,
  )

  it('speak four languages without a missing word', async () => {
    const world = await openPanel()
    for (const languageCode of ['tr', 'en', 'ru', 'ar']) {
      const owner = world.person({ languageCode, name: '<Ayşe & Co>' })
      await world.tenant({ name: '<b>Moda</b> & Evi', owner })
      for (const command of PANEL_COMMANDS.filter(({ audience }) => audience !== 'operator')) {
        const screen = await owner.sends(`/${command.name}`)
        expect(screen.text).not.toMatch(/\b[a-z]+\.[a-z]+\.[a-z]+\b|\{\{|undefined|words:|errors:/)
        expect(screen.buttons.flat().filter((label) => /^[a-z]+\.[a-zA-Z]+$/.test(label))).toEqual([])
      }
    }
  }, 180_000)
})
