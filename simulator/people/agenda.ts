import { createAlarm, type SimulatorClock } from '#simulator/clock.ts'

type Item = { readonly at: number; readonly order: number; readonly run: () => void }

/** Things that will happen, on the world's clock; those of the same instant happen in the order they were planned. */
export type Agenda = {
  /** Plans `run` for an instant (epoch ms); one in the past happens at once when time moves. */
  readonly plan: (at: number, run: () => void) => void
  readonly size: () => number
  readonly stop: () => void
}

/** Creates an empty agenda over a binary heap: one alarm on the clock however many things are planned. */
export function createAgenda(clock: SimulatorClock): Agenda {
  const heap: Item[] = []
  const alarm = createAlarm(clock, ring)
  let order = 0
  let alarmAt = Number.POSITIVE_INFINITY
  let isRinging = false

  function ring(): void {
    isRinging = true
    const now = clock.now()
    for (let next = heap[0]; next && next.at <= now; next = heap[0]) {
      pop(heap)
      next.run()
    }
    isRinging = false
    setAlarm()
  }

  function setAlarm(): void {
    alarmAt = heap[0]?.at ?? Number.POSITIVE_INFINITY
    alarm.set(heap[0] ? alarmAt : null)
  }

  return {
    plan(at, run) {
      push(heap, { at, order: order++, run })
      if (!isRinging && at < alarmAt) setAlarm()
    },
    size: () => heap.length,
    stop() {
      heap.length = 0
      alarm.set(null)
      alarmAt = Number.POSITIVE_INFINITY
    },
  }
}

function isBefore(a: Item, b: Item): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Item[], item: Item): void {
  let index = heap.length
  heap.push(item)
  while (index > 0) {
    const parentIndex = (index - 1) >> 1
    const parent = heap[parentIndex]
    if (!parent || !isBefore(item, parent)) break
    heap[index] = parent
    index = parentIndex
  }
  heap[index] = item
}

function pop(heap: Item[]): void {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  let index = 0
  for (;;) {
    let childIndex = index * 2 + 1
    let child = heap[childIndex]
    if (!child) break
    const right = heap[childIndex + 1]
    if (right && isBefore(right, child)) {
      childIndex += 1
      child = right
    }
    if (!isBefore(child, last)) break
    heap[index] = child
    index = childIndex
  }
  heap[index] = last
}
