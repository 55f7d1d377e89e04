/** Runs the simulator by itself: `node simulator/main.ts --port 8081 --people 500`. `--help` lists the options. */
import { parseArgs } from 'node:util'
import { createAcceleratedSimulatorClock, systemSimulatorClock } from '#simulator/clock.ts'
import { startSimulator } from '#simulator/index.ts'

const HELP = `A Telegram that runs on this machine.

  --port <n>          port of the Bot API and the control API (8081; 0 takes a free one)
  --host <address>    address to listen on (127.0.0.1)
  --seed <text>       decides ids, chance and people (1)
  --latency-ms <n>    least time an answer takes (0)
  --no-limits         no rate limits
  --speed <n>         how many times as fast as real time the world runs (1)
  --bot <token>       create a bot with this token; may be given more than once
  --people <n>        virtual people who start the first bot and join its groups
  --chats <n>         groups the first bot is an administrator of (0)
  --control-token <t> ask for this token on /__sim requests
  --help
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8081' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string', default: '1' },
    'latency-ms': { type: 'string', default: '0' },
    'no-limits': { type: 'boolean', default: false },
    speed: { type: 'string', default: '1' },
    bot: { type: 'string', multiple: true, default: [] },
    people: { type: 'string', default: '0' },
    chats: { type: 'string', default: '0' },
    'control-token': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(HELP)
} else {
  const speed = readNumber('speed', values.speed, 0.001)
  const controlToken = values['control-token']
  const port = readNumber('port', values.port, 0)
  const simulator = await startSimulator({
    port,
    host: values.host,
    seed: values.seed,
    latencyMs: readNumber('latency-ms', values['latency-ms'], 0),
    limits: !values['no-limits'],
    clock: speed === 1 ? systemSimulatorClock : createAcceleratedSimulatorClock(speed, systemSimulatorClock.now()),
    ...(controlToken !== undefined && { controlToken }),
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`cannot listen on ${values.host}:${port}: ${reason}; choose another --port\n`)
    process.exit(69)
  })
  const bots = values.bot.map((token) => simulator.control.createBot({ token }))
  if (bots.length === 0) bots.push(simulator.control.createBot({}))
  const chatIds = Array.from({ length: readNumber('chats', values.chats, 0) }, () => {
    const { id } = simulator.control.createChat({ type: 'supergroup' })
    const [bot] = bots
    if (bot) simulator.control.setMember({ chatId: id, memberId: bot.id, status: 'administrator' })
    return id
  })
  const count = readNumber('people', values.people, 0)
  if (count > 0) simulator.control.populate({ count, botIds: bots.map(({ id }) => id), chatIds })
  process.stdout.write(`simulator listening on ${simulator.apiRoot}\n`)
  for (const bot of bots) process.stdout.write(`bot @${bot.username} ${bot.token}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
}

function readNumber(name: string, text: string, min: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= min)) {
    process.stderr.write(`--${name} takes a number of at least ${min}, not "${text}"\n`)
    process.exit(64)
  }
  return value
}
