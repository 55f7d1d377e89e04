import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { can } from '#server/modules/tenancy/index.ts'
import { type PanelVisitor, type PanelWorld, openPanel } from '#server/testing/panel.ts'

import { encodeCall } from './callback-codec.ts'
import type { PanelAction, PanelCommand } from './panel-command.ts'
import { PANEL_COMMANDS } from './registry.ts'

/** One number for every row of the victim's, so that a button with it names one of theirs whatever it is about. */
const THEIRS = 70_001
/** Stands in every text of theirs, and in no text of ours. */
const SECRET = 'Kuytu'

const MINE = `${SECRET} Mağaza`

/** A tenant of its own with something of everything that buttons name, each row with the number {@link THEIRS}. */
const addVictim = async (world: PanelWorld): Promise<{ readonly tenantId: number; readonly owner: PanelVisitor }> => {
  const { db } = world.app.database
  const owner = world.person({ name: `${SECRET} Sahip` })
  const tenantId = await world.tenant({ owner, name: MINE })
  const at = sql`to_timestamp(${world.clock.now()} / 1000.0)`
  for (const row of [
    sql`insert into account (id, tenant_id, kind, telegram_id, display_name, token_sealed, webhook_key,
        webhook_secret_sealed, linked_at)
      overriding system value
      values (${THEIRS}, ${tenantId}, 'bot', 424242, ${`${SECRET} Bot`}, '\\x00', 'their-key', '\\x00', ${at})`,
    sql`insert into payment (id, tenant_id, reference, provider, package, period_days, amount_minor, currency,
        price_minor, state, claimed_at, claimed_by, evidence_text, created_by, created_at, expires_at)
      overriding system value
      values (${THEIRS}, ${tenantId}, 'GC22222222AA', 'transfer', 'starter', 30, 100, 'TRY', 100, 'claimed', ${at},
        'telegram:1', ${`${SECRET} dekont`}, 'test', ${at}, ${at} + interval '3 days')`,
    sql`insert into ticket (id, tenant_id, telegram_id, kind, subject, opened_at, first_response_due_at, reference)
      overriding system value
      values (${THEIRS}, ${tenantId}, ${owner.id}, 'support', ${`${SECRET} konu`}, ${at}, ${at}, 'their-ticket')`,
    sql`insert into ticket_message (tenant_id, ticket_id, author, text, at, reference)
      values (${tenantId}, ${THEIRS}, 'telegram:1', ${`${SECRET} soru`}, ${at}, 'their-message')`,
    sql`insert into announcement (id, for_tenant_id, text, created_by, created_at, reference)
      overriding system value values (${THEIRS}, ${tenantId}, ${`${SECRET} duyuru`}, 1, ${at}, 'their-draft')`,
    sql`insert into onboarding (id, telegram_id, name, locale, surface, state, package, tenant_id, started_at,
        step_entered_at, expires_at)
      overriding system value
      values (${THEIRS}, ${owner.id}, ${SECRET}, 'tr', 'bot', 'package_selected', 'starter', ${tenantId}, ${at}, ${at},
        ${at} + interval '1 day')`,
  ])
    await row.execute(db)
  return { tenantId, owner }
}

const INSTALLATION = ['installation', 'operator', 'announcement'] as const

/** Everything of the tenant, and what belongs to the installation, as one word. */
const createFingerprint = async (world: PanelWorld, tenantId: number) => {
  const { db } = world.app.database
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join information_schema.columns k
      on k.table_schema = 'public' and k.table_name = c.relname and k.column_name = 'tenant_id'
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by 1`.execute(db)
  const hash = (name: string, key: string | null) =>
    sql`select ${name}::text as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash
      from ${sql.table(name)} t where ${key === null ? sql`true` : sql`${sql.ref(key)} = ${tenantId}`}`
  const parts = [
    hash('tenant', 'id'),
    ...rows.map(({ name }) => hash(name, 'tenant_id')),
    ...INSTALLATION.map((name) => hash(name, null)),
  ]
  return async () => {
    const state = await sql<{ name: string; hash: string }>`${sql.join(parts, sql` union all `)}`.execute(db)
    return Object.fromEntries(state.rows.map((row) => [row.name, row.hash]))
  }
}

interface Attack {
  readonly command: PanelCommand
  readonly name: string
  readonly needs: PanelCommand['needs']
  readonly action: PanelAction | null
}

/** Every button there is, and every command as a button. */
const BUTTONS: readonly Attack[] = PANEL_COMMANDS.flatMap((command) => [
  { command, name: `${command.key}.open`, needs: command.needs, action: null },
  { command, name: `${command.key}.choose`, needs: command.needs, action: null },
  ...Object.entries(command.actions ?? {}).map(([verb, action]) => ({
    command,
    name: `${command.key}.${verb}`,
    needs: action.needs ?? command.needs,
    action,
  })),
])

const QUESTIONS = PANEL_COMMANDS.flatMap((command) =>
  Object.entries(command.inputs ?? {}).map(([name, input]) => ({
    command,
    name: `${command.key}.${name}`,
    needs: input.needs ?? command.needs,
  })),
)

const ARGS = [
  [String(THEIRS), 'starter'],
  [String(THEIRS), 'manual'],
] as const

const openStage = async () => {
  const world = await openPanel()
  const { tenantId, owner } = await addVictim(world)
  const read = await createFingerprint(world, tenantId)
  const { db } = world.app.database
  const remember = (visitor: PanelVisitor, awaiting: object) =>
    db
      .updateTable('panel_person')
      .set({ awaiting: JSON.stringify(awaiting), awaiting_until: new Date(world.clock.now() + 60_000) })
      .where('telegram_id', '=', visitor.id)
      .execute()
  const shownTo = (visitor: PanelVisitor) => JSON.stringify([visitor.screens(), visitor.toast()])
  /** Whether anything of the victim's is on the screen. */
  const isShown = (visitor: PanelVisitor) => /GC22222222AA/.test(shownTo(visitor)) || shownTo(visitor).includes(SECRET)
  /** What of the victim's has changed since; null for nothing. Looked at once for many presses: it reads every table. */
  const findChange = async (before: Readonly<Record<string, string>>) => {
    const now = await read()
    const changed = Object.keys(now).filter((table) => now[table] !== before[table])
    return changed.length > 0 ? `one of them changed ${changed.join(', ')}` : null
  }
  return {
    world,
    tenantId,
    owner,
    /** Presses every button of `attacks`, with the "yes" of its question where it asks. Null when nothing came of it. */
    async press(visitor: PanelVisitor, attacks: readonly Attack[], tenants: readonly number[]) {
      const before = await read()
      for (const { name, action } of attacks) {
        for (const tenant of tenants)
          for (const args of action === null ? [[], ...ARGS.slice(0, 1)] : ARGS) {
            await world.clock.advance(4_000)
            const nonce = action?.confirm === undefined ? '' : 'abcdefgh'
            const data = encodeCall({ action: name, tenantId: tenant, nonce, args })
            if (nonce !== '') await remember(visitor, { confirm: data })
            await visitor.forges(data)
          }
        if (isShown(visitor)) return `${name} showed ${shownTo(visitor).slice(-600)}`
      }
      return findChange(before)
    },
    async answer(visitor: PanelVisitor, questions: readonly { readonly name: string }[]) {
      const before = await read()
      for (const { name } of questions) {
        await world.clock.advance(4_000)
        await remember(visitor, { input: name, args: `${THEIRS}`, tenantId })
        await visitor.sends('Bir yazı')
        if (isShown(visitor)) return `${name} showed ${shownTo(visitor).slice(-600)}`
      }
      return findChange(before)
    },
  }
}

describe('PANEL_COMMANDS', () => {
  it('keeps strangers and removed members from everything of a tenant, whatever their buttons name', async () => {
    const stage = await openStage()
    const { world, tenantId } = stage
    const stranger = world.person({ name: 'Yabancı' })
    await stranger.sends('/start')
    expect(await stage.press(stranger, BUTTONS, [tenantId, 0])).toBeNull()
    expect(await stage.answer(stranger, QUESTIONS)).toBeNull()
    const removed = world.person({ name: 'Eski' })
    await world.join(tenantId, removed, 'admin')
    await removed.sends('/start')
    await world.app.database.db
      .updateTable('member')
      .set({ removed_at: new Date(world.clock.now()) })
      .where('telegram_id', '=', removed.id)
      .execute()
    expect(await stage.press(removed, BUTTONS, [tenantId])).toBeNull()
    expect(await stage.answer(removed, QUESTIONS)).toBeNull()
  }, 240_000)

  it('keeps the owner of one tenant from another, also where their own tenant is named with the other’s numbers', async () => {
    const stage = await openStage()
    const { world, tenantId } = stage
    const rival = world.person({ name: 'Rakip' })
    const own = await world.tenant({ owner: rival, name: 'Rakip Dükkân' })
    await rival.sends('/start')
    expect(await stage.press(rival, BUTTONS, [tenantId, own])).toBeNull()
    expect(await stage.answer(rival, QUESTIONS)).toBeNull()
  }, 240_000)

  it.each(['agent', 'analyst', 'billing'] as const)(
    'lets the role %s press nothing it has no right to',
    async (role) => {
      const stage = await openStage()
      const { world, tenantId } = stage
      const member = world.person({ name: 'Üye' })
      await world.join(tenantId, member, role)
      await member.sends('/dil')
      const isDenied = ({ command, needs }: Pick<Attack, 'command' | 'needs'>) =>
        command.audience === 'operator' || (needs !== undefined && !can({ kind: 'member', role }, needs))
      const denied = BUTTONS.filter((attack) => isDenied(attack) && !attack.name.endsWith('.choose'))
      expect(denied.length).toBeGreaterThan(20)
      expect(await stage.press(member, denied, [tenantId])).toBeNull()
      expect(await stage.answer(member, QUESTIONS.filter(isDenied))).toBeNull()
    },
    240_000,
  )

  it('lets an operator of the role support decide, stop and give nothing', async () => {
    const stage = await openStage()
    const { world, tenantId } = stage
    const helper = await world.operator('support')
    await helper.sends('/dil')
    const isDenied = ({ needs }: Pick<Attack, 'needs'>) =>
      needs !== undefined && !can({ kind: 'operator', role: 'support' }, needs)
    const denied = BUTTONS.filter((attack) => isDenied(attack) && !attack.name.endsWith('.choose'))
    expect(denied.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['pay.ok', 'kill.stop', 'gift.give', 'deac.off', 'act.on', 'msg.send', 'halt.stop']),
    )
    expect(await stage.press(helper, denied, [tenantId, 0])).toBeNull()
    expect(await stage.answer(helper, QUESTIONS.filter(isDenied))).toBeNull()
  }, 240_000)

  it('takes no press for what only Telegram may say', async () => {
    const stage = await openStage()
    const told = BUTTONS.filter(({ action }) => action?.isTold)
    expect(told.map(({ name }) => name)).toEqual(['onb.paid', 'link.made'])
    for (const { name } of told) {
      await stage.owner.sends('/dil')
      await stage.owner.forges(encodeCall({ action: name, tenantId: stage.tenantId, nonce: '', args: ['424243'] }))
      expect(stage.owner.toast()).toContain('Bu düğme eskidi')
    }
  })

  it('opens a page of a deep link only to those who may see its command', async () => {
    const { world, tenantId } = await openStage()
    const analyst = world.person({ name: 'Üye' })
    await world.join(tenantId, analyst, 'analyst')
    expect((await analyst.sends('/start licence')).text).not.toContain('Paketiniz')
    const payer = world.person({ name: 'Muhasebe' })
    await world.join(tenantId, payer, 'billing')
    expect((await payer.sends('/start licence')).text).toContain('Paketiniz')
    expect((await payer.sends('/start accounts')).text).not.toContain(`${SECRET} Bot`)
  })

  it('keeps the panel’s own bot out of reach of a tenant’s buttons, also of those it belongs to', async () => {
    const { world } = await openStage()
    const clerk = world.person({ name: 'Memur' })
    await world.join(world.operatorTenantId, clerk, 'admin')
    await clerk.sends('/dil')
    for (const verb of ['show', 'pause', 'resume', 'rotate', 'cut']) {
      const args = [String(world.panel.id)]
      const data = encodeCall({ action: `acc.${verb}`, tenantId: world.operatorTenantId, nonce: '', args })
      await clerk.forges(data)
      expect(clerk.screens().at(-1)?.text).not.toContain('gavatcore_panel_bot')
    }
    const { state } = await world.app.database.db
      .selectFrom('account')
      .select('state')
      .where('id', '=', world.panel.id)
      .executeTakeFirstOrThrow()
    expect(state).toBe('active')
  })

  it('gives nothing to another customer when the one of a button is gone', async () => {
    const { world, tenantId } = await openStage()
    const operator = await world.operator()
    await operator.sends('/dil')
    const data = encodeCall({ action: 'gift.give', tenantId: 999_999, nonce: '', args: [String(tenantId), '30'] })
    await operator.forges(data)
    const gifts = await world.app.database.db
      .selectFrom('subscription_period')
      .select('id')
      .where('reference', 'like', 'panel:%')
      .execute()
    expect(gifts).toEqual([])
  })

  it('keeps a pasted key out of tickets, searches and the audit log', async () => {
    const { world } = await openStage()
    const key = `123456789:${'A'.repeat(35)}`
    const operator = await world.operator()
    await operator.sends(`/musteri_detay ${key}`)
    const stranger = world.person()
    await stranger.sends('/destek')
    await stranger.presses('Yeni talep')
    await stranger.sends(`Anahtarım ${key} çalışmıyor`)
    const { db } = world.app.database
    const [audit, messages] = await Promise.all([
      db.selectFrom('audit_log').selectAll().execute(),
      db.selectFrom('ticket_message').selectAll().execute(),
    ])
    expect(JSON.stringify([audit, messages])).not.toContain(key)
    expect(messages.some(({ text }) => text?.includes('Anahtarım •••'))).toBe(true)
  })
})
