import { createSignInLink } from '#server/modules/tenancy/index.ts'

import { miniAppUrl } from '../mini-app-url.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { type Talk, tenantOf } from '../talk.ts'

/** A link into the web panel, for this person alone; the one who holds this chat is who they say they are. */
const run = async (talk: Talk): Promise<Reply> => {
  const { db, publicUrl, pace } = talk.deps
  const back = [{ label: talk.t('button.dashboard'), action: 'dash' }]
  if (publicUrl === null) return { text: talk.t('web.noAddress'), rows: [back] }
  const { telegramId, locale } = talk.speaker
  const { path } = await createSignInLink(db, { telegramId, tenantId: tenantOf(talk).id, locale }, pace.now())
  const appUrl = miniAppUrl(publicUrl)
  return {
    text: talk.t('web.text'),
    rows: [
      appUrl === null ? [] : [{ label: talk.t('button.openApp'), appUrl }],
      [{ label: talk.t('button.openPage'), url: `${publicUrl}${path}` }],
      back,
    ],
  }
}

export const web: PanelCommand = {
  key: 'web',
  name: 'web',
  aliases: ['site'],
  audience: 'member',
  needs: 'panel.open',
  about: 'command.web',
  run,
}
