import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from '@prometheus-io/client'

/** What the server counts and measures. Labels never name a tenant, an account or a person. */
export interface Metrics {
  readonly registry: Registry
  readonly httpDuration: Histogram<'method' | 'route' | 'status_code'>
  readonly messagesSent: Counter<'outcome'>
  readonly floodWait: Histogram
  readonly updates: Counter<'outcome'>
  readonly queueDepth: Gauge<'queue'>
  readonly partUp: Gauge<'part'>
  /** Runs `fill` whenever the metrics are read, before they are rendered; a failure leaves the last values. */
  onRead(fill: () => Promise<void>): void
  /** The text of all metrics in Prometheus' format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** A registry of its own, so that two servers in one process (tests) do not share counts. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const fills: (() => Promise<void>)[] = []
  return {
    registry,
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Duration of HTTP requests',
      labelNames: ['method', 'route', 'status_code'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    messagesSent: new Counter({
      name: 'messages_sent_total',
      help: 'Calls that send a message, by how they ended',
      labelNames: ['outcome'],
      registers,
    }),
    floodWait: new Histogram({
      name: 'telegram_flood_wait_seconds',
      help: 'Waits that Telegram asked for',
      buckets: [1, 5, 15, 30, 60, 120, 300, 900, 3600],
      registers,
    }),
    updates: new Counter({
      name: 'telegram_updates_total',
      help: 'Updates received, by what became of them',
      labelNames: ['outcome'],
      registers,
    }),
    queueDepth: new Gauge({ name: 'queue_depth', help: 'What waits in each queue', labelNames: ['queue'], registers }),
    partUp: new Gauge({
      name: 'part_up',
      help: 'Whether a part of the process works',
      labelNames: ['part'],
      registers,
    }),
    onRead: (fill) => void fills.push(fill),
    async render() {
      await Promise.allSettled(fills.map((fill) => fill()))
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}
