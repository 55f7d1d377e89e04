import { AppError } from '#server/base/errors.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { readInitData } from '#server/gateways/telegram/mini-app-launch.ts'
import { type MiniAppSession, openMiniAppSession } from '#server/modules/tenancy/index.ts'

import { findPanelAccount } from './link-panel-account.ts'
import { openAccount } from './open-account.ts'

export interface MiniAppDeps {
  readonly db: Db
  readonly box: SecretBox
  /** Key that Telegram signs launches of Mini Apps with: 64 hexadecimal digits. */
  readonly miniAppKey: string
}

/**
 * Lets somebody in who opened the Mini App of the panel bot. `initData` is what Telegram gave the page; `device` is what the
 * browser calls itself. Errors: `unavailable/mini_app_off` without a panel bot, `unauthenticated/mini_app_unproved` for what
 * Telegram did not say to this bot, those of `openMiniAppSession`.
 */
export const enterMiniApp = async (
  deps: MiniAppDeps,
  { initData, device }: { readonly initData: string; readonly device: string },
  at: number,
): Promise<MiniAppSession> => {
  const panel = await asOperator(deps.db, 'find the panel bot', findPanelAccount)
  if (panel?.state !== 'active') throw new AppError('unavailable', 'mini_app_off')
  const { token } = await openAccount(deps, panel.id)
  const launch = readInitData(initData, { token, publicKey: deps.miniAppKey })
  if (launch === null) throw new AppError('unauthenticated', 'mini_app_unproved')
  return openMiniAppSession(deps.db, { ...launch, device }, at)
}
