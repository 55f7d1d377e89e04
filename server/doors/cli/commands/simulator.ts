import { type CommandGroup, command } from '../command.ts'

export const simulator: CommandGroup = {
  lone: command({
    name: 'simulator',
    options: [
      { name: 'port', value: 'n' },
      { name: 'people', value: 'n' },
      { name: 'chats', value: 'n' },
      { name: 'seed', value: 'text' },
      { name: 'speed', value: 'n' },
      { name: 'latency-ms', value: 'n' },
      { name: 'no-limits' },
      { name: 'bot', value: 'token', many: true },
    ],
    run: async (context, input) => {
      const given = (name: string, value: string | number | null) =>
        value === null ? [] : [`--${name}`, String(value)]
      return context.host.runSimulator([
        ...given('port', input.whole('port', 0, 65_535)),
        ...given('people', input.whole('people', 0, 1_000_000)),
        ...given('chats', input.whole('chats', 0, 10_000)),
        ...given('seed', input.text('seed')),
        ...given('speed', input.number('speed', 0.001, 100_000)),
        ...given('latency-ms', input.whole('latency-ms', 0, 60_000)),
        ...(input.isOff('limits') ? ['--no-limits'] : []),
        ...input.texts('bot').flatMap((token) => ['--bot', token]),
      ])
    },
    render: () => '',
    exitCode: (code) => code,
  }),
}
