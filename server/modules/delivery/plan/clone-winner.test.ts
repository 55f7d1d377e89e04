import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { approveTemplate, createTemplate, getTemplate, updateTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, ownerAt } from '#server/testing/factories.ts'

import { createCampaignWorld } from './campaign-world.suite.ts'
import { takeWinner } from './clone-winner.ts'

const db = createDb((await createTestDatabase()).pool)
const owner = ownerAt(NOON)
const TEXT = '#reklam {{sender}} {{opt_out}}'
let serial = 0

/** A campaign that went to forty people in two wordings; the first `answers` who got the second one answered. */
const sendContest = async (answers: number) => {
  const world = await createCampaignWorld(db)
  const { run, person, start, send } = world
  for (let n = 0; n < 40; n++) await person()
  const variants = [
    { name: 'a', locale: 'tr', text: `A ${TEXT}`, weight: 50 },
    { name: 'b', locale: 'tr', text: `B ${TEXT}`, weight: 50 },
    { name: 'b', locale: 'en', text: `B in English ${TEXT}`, weight: 50 },
  ] as const
  const template = await run(async (tx) => {
    const name = `Deneme ${(serial += 1)}`
    const { id } = await createTemplate(tx, { name, messageClass: 'commercial', variants }, NOON)
    await approveTemplate(tx, id, NOON)
    return { id, name }
  })
  const campaign = await start({ steps: [{ templateId: template.id, afterHours: 0 }] })
  await send(campaign)
  await sql`update delivery set responded_at = ${new Date(NOON + 60_000)} where id in (
    select id from delivery where tenant_id = ${world.tenantId} and variant = 'b' order by id limit ${answers})`.execute(
    db,
  )
  return { ...world, template, campaign, variants, take: () => run((tx) => takeWinner(tx, campaign, owner)) }
}

describe('takeWinner', () => {
  it('makes a draft of nothing but the wording that won, in all its languages, once', async () => {
    const { take, template, variants, run } = await sendContest(100)
    const made = await take()
    expect(made).toMatchObject({ name: `${template.name} · b`, state: 'draft', messageClass: 'commercial' })
    expect(made.variants.map(({ name, locale, text }) => ({ name, locale, text }))).toEqual(
      [variants[2], variants[1]].map(({ name, locale, text }) => ({ name, locale, text })),
    )
    expect((await take()).id).toBe(made.id)
    // Somebody wrote on in the copy: it says something else now.
    await run((tx) =>
      updateTemplate(tx, made.id, { ...made, variants: made.variants.map((v) => ({ ...v, text: `Yeni ${TEXT}` })) }),
    )
    expect(await take()).toMatchObject({ name: `${template.name} · b 2` })
    expect((await run((tx) => getTemplate(tx, template.id))).variants).toHaveLength(3)
  })

  it('takes nothing while no wording is proven better', async () => {
    const { take } = await sendContest(1)
    await expect(take()).rejects.toMatchObject({ kind: 'conflict', code: 'campaign_no_winner' })
  })

  it('says when the message lost the wording that won', async () => {
    const { take, template, run, variants } = await sendContest(100)
    const content = { name: template.name, messageClass: 'commercial', variants: variants.slice(0, 1) } as const
    await run((tx) => updateTemplate(tx, template.id, content))
    await expect(take()).rejects.toMatchObject({ code: 'campaign_winner_gone', params: { variant: 'b' } })
  })

  it('is for those who may write messages', async () => {
    const { campaign, run } = await sendContest(100)
    const analyst = { ...owner, access: { kind: 'member', role: 'analyst' } } as const
    await expect(run((tx) => takeWinner(tx, campaign, analyst))).rejects.toMatchObject({ code: 'not_allowed' })
  })
})
