import { describe, expect, it } from 'vitest'

import { openPanel } from '#server/testing/panel.ts'

describe('createPanelBot', () => {
  it('greets a stranger in their language and tells operators more', async () => {
    const world = await openPanel()
    const stranger = world.person({ name: 'Ann', languageCode: 'en' })
    expect((await stranger.sends('/start')).text).toContain('Hello')
    const operator = await world.operator()
    expect((await operator.sends('/start')).text).toContain('Yönetici')
  })
})
