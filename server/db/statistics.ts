import { sql } from 'kysely'

import type { Db } from './pool.ts'
import type { DB } from './schema.generated.ts'

/**
 * Has PostgreSQL look at these tables anew: after a bulk write it goes on planning for the sizes it last saw until
 * autovacuum comes round, up to a minute later, and meanwhile walks whole tenants to find a few rows. Takes about 0.2 s
 * a table whatever its size; skips a table that somebody alters. Needs the table's owner: not inside a tenant's
 * transaction.
 */
export const refreshStatistics = async (db: Db, tables: readonly (keyof DB)[]): Promise<void> => {
  await sql`analyze (skip_locked) ${sql.join(tables.map((table) => sql.table(table)))}`.execute(db)
}
