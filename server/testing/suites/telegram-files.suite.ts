import { expect, it, onTestFinished } from 'vitest'

import type { TelegramFiles } from '#server/gateways/telegram/files.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

export interface FilesWorld {
  readonly files: TelegramFiles
  readonly account: TelegramAccount
  /** An account whose token Telegram does not know. */
  readonly strangersAccount: TelegramAccount
  /** Somebody sends a file to the account; answers its id. */
  readonly addFile: (bytes: Uint8Array) => Promise<string>
  close(): Promise<void>
}

const BYTES = Uint8Array.from({ length: 3_000 }, (_, i) => i % 256)

/** What holds wherever files are fetched from. */
export const itKeepsTheFilesContract = (open: () => Promise<FilesWorld>): void => {
  const enter = async () => {
    const world = await open()
    onTestFinished(() => world.close())
    return world
  }

  it('gives back a file byte by byte, as long as it is no larger than wanted', async () => {
    const { files, account, addFile } = await enter()
    const id = await addFile(BYTES)
    const whole = await files.download(account, id, BYTES.length)
    expect(whole.kind === 'done' && [...(whole.value ?? [])]).toEqual([...BYTES])
    expect(await files.download(account, id, BYTES.length - 1)).toEqual({ kind: 'done', value: null })
  })

  it('refuses an id that nobody gave, and a token that Telegram does not know', async () => {
    const { files, account, strangersAccount, addFile } = await enter()
    expect(await files.download(account, 'AgAC-nothing', 10)).toMatchObject({
      kind: 'rejected',
      reason: 'media_unusable',
    })
    const id = await addFile(BYTES)
    expect(await files.download(strangersAccount, id, 10_000)).toMatchObject({ kind: 'account_lost' })
  })
}
