import { writeFile } from 'node:fs/promises'

import { invalid } from '#server/base/errors.ts'
import { openWithPassphrase, sealWithPassphrase } from '#server/base/passphrase.ts'
import { secretBox } from '#server/base/secret.ts'
import {
  collectCredentials,
  restoreCredentials,
  rotateMasterKey,
  rotateTenantKey,
} from '#server/modules/accounts/index.ts'

import { command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { readSecret } from '../read-secret.ts'

const actor = (context: CliContext) => ({ by: ACTOR, at: context.now() })

const fileOf = (input: CommandInput, option: string): string => {
  const file = input.text(option)
  if (file === null) throw invalid('option_needed', `--${option}`)
  return file
}

/** A key as `APP_KEK` takes it. */
const readKey = async (context: CliContext, file: string): Promise<Buffer> => {
  const text = await readSecret(context, file, '', '--new-key-file')
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (key.length !== 32) throw invalid('key_file_damaged', '--new-key-file', { file, bytes: key.length })
  return key
}

export const rotate = command({
  name: 'rotate',
  options: [{ name: 'master' }, { name: 'new-key-file', value: 'file' }],
  run: async (context, input) => {
    if (!input.isOn('master')) {
      const { id, slug } = await context.tenant()
      await context.confirm(context.t('keys.rotateSure', { tenant: slug }))
      const { box } = await context.host.telegram()
      const rotation = await context.change((tx) => rotateTenantKey(tx, box, actor(context)))
      return { scope: 'tenant' as const, tenantId: id, tenant: slug, ...rotation }
    }
    const file = fileOf(input, 'new-key-file')
    const next = secretBox(await readKey(context, file))
    await context.confirm(context.t('keys.rotateMasterSure', { file }))
    const { box } = await context.host.telegram()
    const resealed = await context.changeInstallation((tx) => rotateMasterKey(tx, box, next))
    return { scope: 'master' as const, resealed, keyFile: file }
  },
  render: ({ t }, result) =>
    result.scope === 'tenant'
      ? t('keys.rotated', { tenant: result.tenant, version: result.version, count: result.resealed })
      : t('keys.rotatedMaster', { count: result.resealed, file: result.keyFile }),
})

const passphraseOf = (context: CliContext, input: CommandInput): Promise<string> =>
  readSecret(context, input.text('passphrase-file'), context.t('keys.passphraseQuestion'), '--passphrase-file')

const ARCHIVE_OPTIONS = [
  { name: 'file', value: 'file', required: true },
  { name: 'passphrase-file', value: 'file' },
] as const

export const backup = command({
  name: 'backup',
  options: ARCHIVE_OPTIONS,
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const file = fileOf(input, 'file')
    const passphrase = await passphraseOf(context, input)
    const { box } = await context.host.telegram()
    const copy = await context.changeInstallation((tx) => collectCredentials(tx, box, context.now()))
    const archive = await sealWithPassphrase(Buffer.from(JSON.stringify(copy)), passphrase)
    try {
      await writeFile(file, archive, { mode: 0o600, flag: 'wx', flush: true })
    } catch (error) {
      const problem = (error as NodeJS.ErrnoException).code ?? ''
      throw invalid('file_unwritable', '--file', { path: file, problem })
    }
    return { file, accounts: copy.accounts.length }
  },
  render: ({ t }, { file, accounts }) => t('keys.backedUp', { file, count: accounts }),
})

export const restore = command({
  name: 'restore',
  options: ARCHIVE_OPTIONS,
  run: async (context, input) => {
    const file = fileOf(input, 'file')
    const archive = await readSecret(context, file, '', '--file')
    const plain = await openWithPassphrase(archive, await passphraseOf(context, input))
    await context.confirm(context.t('keys.restoreSure', { file }))
    const { box } = await context.host.telegram()
    const copy: unknown = JSON.parse(plain.toString('utf8'))
    return context.changeInstallation((tx) => restoreCredentials(tx, box, copy, actor(context)))
  },
  render: ({ t }, { restored, missing }) =>
    [
      t('keys.restored', { count: restored }),
      ...(missing.length > 0 ? [t('keys.restoreMissing', { accounts: missing.join(', ') })] : []),
    ].join('\n'),
})
