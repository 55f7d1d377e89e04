import { escapeText } from '#server/modules/templates/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { Talk } from '../talk.ts'

/** What Telegram's terms ask of a bot that sells: who, what for, how long, and where to turn. */
export const privacy: PanelCommand = {
  key: 'priv',
  name: 'gizlilik',
  aliases: ['privacy'],
  audience: 'anyone',
  about: 'command.privacy',
  run: (talk) => ({
    text: talk.t('privacy'),
    rows: [
      [
        { label: talk.t('button.myData'), action: 'data', tenantId: 0 },
        { label: talk.t('button.erase'), action: 'era', tenantId: 0 },
      ],
    ],
  }),
}

export const paySupport: PanelCommand = {
  key: 'pays',
  name: 'paysupport',
  aliases: ['odeme_destek'],
  audience: 'anyone',
  about: 'command.paySupport',
  run: (talk: Talk) => ({
    text: talk.t('paySupport', { number: escapeText(String(talk.speaker.telegramId)) }),
    rows: [[{ label: talk.t('button.support'), action: 'tic', tenantId: 0 }]],
  }),
}
