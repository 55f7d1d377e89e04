/**
 * How the server treats the disk: `durable` keeps every acknowledged commit through a power cut; `disposable` is for
 * databases that are thrown away, and gives that up for speed.
 */
export type Durability = 'durable' | 'disposable'

/** Where the server listens: a Unix socket, or TCP on the loopback where no socket can be made. */
export type Address =
  | { readonly kind: 'socket'; readonly folder: string }
  | { readonly kind: 'tcp'; readonly port: number }

/** Names the socket file only; no TCP port is opened with a socket. */
export const SOCKET_PORT = 5432

const quote = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** Sized for a machine of 1 to 4 GB that also runs the application; an operator overrides any of it below the include. */
const COMMON: Readonly<Record<string, string>> = {
  max_connections: '60',
  superuser_reserved_connections: '3',
  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  // Short queries gain nothing from compiling and pay up to 100 ms for it.
  jit: 'off',
  random_page_cost: '1.1',
  min_wal_size: '80MB',
  max_wal_size: '1GB',
  wal_compression: 'on',
  checkpoint_completion_target: '0.9',
  // A first import or campaign grows tables from nothing: statistics follow within seconds, not within a minute.
  autovacuum_naptime: '10s',
  idle_in_transaction_session_timeout: '5min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  default_text_search_config: 'pg_catalog.simple',
  // Seven files, one a weekday, each overwritten a week later. Statements and key values may hold personal data, so
  // the log carries neither.
  logging_collector: 'on',
  log_filename: 'postgres-%a.log',
  log_truncate_on_rotation: 'on',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_file_mode: '0600',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

const BY_DURABILITY: Readonly<Record<Durability, Readonly<Record<string, string>>>> = {
  durable: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
  disposable: {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_init_zero: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_connections: '200',
    autovacuum_naptime: '10min',
  },
}

export interface SettingsInput {
  readonly address: Address
  readonly logFolder: string
  readonly durability: Durability
}

/** The text of gavatcore.conf, written anew at each start. */
export const renderSettings = ({ address, logFolder, durability }: SettingsInput): string => {
  const listening =
    address.kind === 'socket'
      ? {
          listen_addresses: '',
          unix_socket_directories: address.folder,
          unix_socket_permissions: '0700',
          port: String(SOCKET_PORT),
        }
      : { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(address.port) }
  const settings = { ...COMMON, ...BY_DURABILITY[durability], ...listening, log_directory: logFolder }
  return [
    '# Written by Gavatcore at every start; put your own settings below the include in postgresql.conf.',
    ...Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}`),
    '',
  ].join('\n')
}

/** The text of postgresql.conf, written once and then the operator's. */
export const renderMainSettings = (): string =>
  ["include 'gavatcore.conf'", '', '# Your own settings go below this line: they win over the ones above.', ''].join(
    '\n',
  )

/** A URL that both node-postgres and psql understand. `role` and `password` are URL-safe. */
export const connectionStringFor = (address: Address, role: string, password: string, database: string): string =>
  address.kind === 'socket'
    ? `postgresql://${role}:${password}@localhost:${SOCKET_PORT}/${database}?host=${encodeURIComponent(address.folder)}`
    : `postgresql://${role}:${password}@127.0.0.1:${address.port}/${database}`
