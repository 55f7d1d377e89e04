import { type CommandGroup, command } from '../command.ts'
import { renderStatus } from '../present/status.ts'
import { readStatus } from '../read-status.ts'

export const status: CommandGroup = {
  lone: command({ name: 'status', run: (context) => context.read(readStatus), render: renderStatus }),
}
