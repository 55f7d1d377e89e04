import type { LookupAddress } from 'node:dns'

import { describe, expect, it } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import { openWebhookReceiver } from '#server/testing/webhook-receiver.ts'

import { createWebhookCaller } from './create-webhook-caller.ts'

const post = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{}' })

/** A caller of public addresses alone, for which every name leads to these. */
const guarded = (...addresses: readonly string[]) => {
  const looked: string[] = []
  const caller = createWebhookCaller({
    clock: systemClock,
    arePrivateAllowed: false,
    resolve: (hostname, _options, done) => {
      looked.push(hostname)
      const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      done(null, found)
    },
  })
  return { caller, looked }
}

describe('createWebhookCaller', () => {
  it.each([
    'http://hooks.example.com/in',
    'https://127.0.0.1/in',
    'https://127.1/in',
    'https://[::1]/in',
    'https://[::ffff:10.0.0.1]/in',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.7/in',
    'https://2130706433/in',
    'https://0x7f.0.0.1/in',
    'https://0177.0.0.1/in',
    'https://localhost/in',
    'https://metadata.google.internal/in',
  ])('does not even look for %s', async (url) => {
    const { caller, looked } = guarded('93.184.215.14')
    expect(await caller.call(post(url))).toMatchObject({ kind: 'unanswered', fault: 'private_address' })
    expect(looked).toEqual([])
    await caller.destroy()
  })

  it.each([
    ['the own machine', ['127.0.0.1']],
    ['the own machine in version 6', ['::1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['a private network', ['10.20.30.40']],
    ['a private address beside a public one', ['93.184.215.14', '192.168.1.1']],
    ['a mapped address', ['::ffff:127.0.0.1']],
  ])('refuses a name that leads to %s when it connects', async (_, addresses) => {
    const receiver = await openWebhookReceiver()
    const { caller, looked } = guarded(...addresses)
    const url = `https://hooks.example.com:${new URL(receiver.url).port}/in`
    expect(await caller.call(post(url))).toMatchObject({ kind: 'unanswered', fault: 'private_address' })
    expect(looked).toEqual(['hooks.example.com'])
    expect(receiver.received).toEqual([])
    await caller.destroy()
  })

  it('follows no redirect, wherever it leads', async () => {
    const [receiver, inner] = [await openWebhookReceiver(), await openWebhookReceiver()]
    const caller = createWebhookCaller({ clock: systemClock, arePrivateAllowed: true })
    for (const status of [301, 302, 307, 308]) {
      receiver.answer(status)
      receiver.say({ location: inner.url })
      expect(await caller.call(post(receiver.url))).toMatchObject({ kind: 'answered', status })
    }
    expect(inner.received).toEqual([])
    await caller.destroy()
  })

  it('waits for nobody too long, and takes a closed door for one', async () => {
    const receiver = await openWebhookReceiver()
    const caller = createWebhookCaller({ clock: systemClock, arePrivateAllowed: true, timeoutMs: 100 })
    receiver.delay(1_000)
    expect(await caller.call(post(receiver.url))).toMatchObject({ kind: 'unanswered', fault: 'timeout' })
    expect(await caller.call(post('http://127.0.0.1:1/in'))).toMatchObject({ kind: 'unanswered', fault: 'unreachable' })
    await caller.destroy()
  })

  it('reads no more of an answer than it needs, and counts it all the same', async () => {
    const { createServer } = await import('node:http')
    let [written, isCut] = [0, false]
    const server = createServer((request, response) => {
      request.resume()
      response.on('close', () => (isCut = true))
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024
      }
      response.on('drain', write)
      write()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const caller = createWebhookCaller({ clock: systemClock, arePrivateAllowed: true, timeoutMs: 5_000 })
    expect(await caller.call(post(`http://127.0.0.1:${port}/in`))).toMatchObject({ kind: 'answered', status: 200 })
    await expect.poll(() => isCut).toBe(true)
    expect(written).toBeLessThan(16 * 1024 * 1024)
    await caller.destroy()
    server.close()
  })
})
