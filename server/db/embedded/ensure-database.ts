import pg from 'pg'

export const APPLICATION = 'gavatcore'

/**
 * Gives the application its role and its database, where they are missing: an ordinary role that owns the database and
 * may create roles, so row-level security binds it as it would on any server.
 */
export const ensureDatabase = async (superuserConnectionString: string, applicationPassword: string): Promise<void> => {
  const client = new pg.Client({ connectionString: superuserConnectionString, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = $1) as role,
              exists (select from pg_database where datname = $1) as database`,
      [APPLICATION],
    )
    if (!rows[0]?.role) {
      const password = client.escapeLiteral(applicationPassword)
      await client.query(`create role ${APPLICATION} login createrole password ${password}`)
    }
    if (!rows[0]?.database) await client.query(`create database ${APPLICATION} owner ${APPLICATION}`)
  } finally {
    await client.end()
  }
}

/** Whether the server behind this URL accepts our password and serves `cluster`. */
export const servesOurCluster = async (superuserConnectionString: string, cluster: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: superuserConnectionString, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return rows[0]?.data_directory === cluster
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
