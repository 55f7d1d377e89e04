import { describe, expect, it } from 'vitest'

import type { MemberRole, PackageName } from '#contract/words.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { findPersona, getAccountSettings } from '#server/modules/conversations/index.ts'
import { NOON, createAccount } from '#server/testing/factories.ts'
import { openPanel } from '#server/testing/panel.ts'

const scene = async (name: PackageName = 'professional', role: MemberRole = 'owner') => {
  const world = await openPanel()
  const { db } = world.app.database
  const tenantId = await world.tenant({ package: name })
  const accountId = await createAccount(db, tenantId)
  const member = world.person()
  await world.join(tenantId, member, role)
  const chosen = async () => (await inTenant(db, tenantId, (tx) => getAccountSettings(tx, accountId, NOON))).chosen
  const persona = () => inTenant(db, tenantId, (tx) => findPersona(tx, accountId))
  return { world, member, chosen, persona, accountId, tenantId }
}

describe('settings', () => {
  it('shows what holds and changes the share of invitations and its places, up to the package’s', async () => {
    const { member, chosen } = await scene()
    const screen = await member.sends('/ayarlar')
    expect(screen.text).toMatch(/Davet oranı: %50 \(paketinizde en çok %50\)/)
    expect(screen.text).toContain('Ürün fiyatı: ₺300')
    const labels = screen.buttons.flat()
    expect(labels).toEqual(expect.arrayContaining(['%0', '%40', '• %50']))
    expect(labels.filter((label) => /%60|%70/.test(label))).toEqual([])
    expect((await member.presses('%20')).text).toContain('Davet oranı: %20')
    expect(member.toast()).toBe('Kaydedildi ✅')
    const places = (await member.presses('Grup yolu: kapalı')).buttons.flat()
    expect(places).toContain('• Grup yolu: kapalı')
    expect(await chosen()).toMatchObject({ inviteRatio: 0.2, groupPlacements: 0 })
  })

  it('takes a price as people write it, asks again for one it cannot read, and gives the former back', async () => {
    const { member, chosen } = await scene()
    await member.sends('/settings')
    await member.presses('Fiyatı değiştir')
    expect((await member.sends('1.250')).text).toContain('299,90')
    expect((await member.sends('349,90 TL')).text).toContain('₺349,90')
    expect(await chosen()).toMatchObject({ productPriceMinor: 34_990 })
    expect((await member.presses('₺300 olarak geri al')).text).toContain('Ürün fiyatı: ₺300')
  })

  it('takes a greeting, makes the persona where there is none, and gives the former back', async () => {
    const { member, persona } = await scene()
    await member.sends('/ayarlar')
    await member.presses('Karşılamayı değiştir')
    expect((await member.sends('Ben gerçek bir insanım, bot değilim')).text).toContain('insan')
    expect((await member.sends('Selam <dostum>!')).text).toContain('Selam <dostum>!')
    expect((await persona())?.greeting).toBe('Selam <dostum>!')
    await member.presses('Geri al')
    expect((await persona())?.greeting).toContain('Merhaba!')
  })

  it('shows a role what it may see, and changes nothing for one that may not', async () => {
    const { member, world, chosen, accountId, tenantId } = await scene('professional', 'analyst')
    const screen = await member.sends('/ayarlar')
    expect(screen.text).toContain('Davet oranı')
    expect(screen.text).not.toContain('Karşılama')
    expect(screen.buttons.flat().filter((label) => /%|Fiyatı|Karşılamayı|Grup yolu/.test(label))).toEqual([])
    await member.forges(`1:set.ratio:${tenantId.toString(36)}::${accountId}:0`)
    expect(member.toast()).toContain('Görevinizle')
    const stranger = world.person()
    await world.tenant({ owner: stranger })
    await stranger.sends('/ayarlar')
    await stranger.forges(`1:set.ratio:${tenantId.toString(36)}::${accountId}:0`)
    expect((await chosen()).inviteRatio).toBe(0.5)
  })

  it('keeps to the package also when a button says more', async () => {
    const { member, chosen, accountId, tenantId } = await scene('starter')
    await member.sends('/ayarlar')
    await member.forges(`1:set.ratio:${tenantId.toString(36)}::${accountId}:70`)
    expect((await chosen()).inviteRatio).toBe(0.3)
  })
})
