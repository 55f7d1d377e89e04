import type { PanelCommand } from '../panel-command.ts'
import { firstRows } from './help.ts'

/** Ends the question that is open; what was begun before it stays where it is. */
export const cancel: PanelCommand = {
  key: 'stop',
  name: 'iptal',
  aliases: ['cancel'],
  audience: 'anyone',
  about: 'command.cancel',
  run: (talk) => ({ text: talk.t('cancel.done'), rows: firstRows(talk) }),
}
