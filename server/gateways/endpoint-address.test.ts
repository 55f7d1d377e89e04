import { describe, expect, it } from 'vitest'

import { findAddressFault, isPublicAddress } from './endpoint-address.ts'

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '93.184.215.14', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])('takes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::1',
    'model.example',
    '',
  ])('does not take "%s"', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('findAddressFault', () => {
  it.each([
    ['https://api.openai.com/v1', null],
    ['https://8.8.8.8/v1', null],
    ['http://api.openai.com/v1', 'not_https'],
    ['https://user:secret@api.openai.com/v1', 'not_an_address'],
    ['https://api.openai.com/v1?key=1', 'not_an_address'],
    ['https://api.openai.com/v1#x', 'not_an_address'],
    ['file:///etc/passwd', 'not_an_address'],
    ['api.openai.com', 'not_an_address'],
    ['https://0x7f.1/v1', 'private_address'],
    ['https://017700000001/v1', 'private_address'],
    ['https://[::ffff:127.0.0.1]/v1', 'private_address'],
    ['https://ollama.local/v1', 'private_address'],
    ['https://metadata.google.internal/v1', 'private_address'],
    ['https://localhost./v1', 'private_address'],
  ])('says of %s: %s', (address, fault) => {
    expect(findAddressFault(address, false)).toBe(fault)
  })

  it('lets plain http and the own network pass where that is allowed, and nothing that is no address', () => {
    expect(findAddressFault('http://ollama:11434/v1', true)).toBeNull()
    expect(findAddressFault('http://192.168.1.5:8000/v1', true)).toBeNull()
    expect(findAddressFault('http://user:secret@ollama/v1', true)).toBe('not_an_address')
  })

  it('takes a query only where one is taken', () => {
    expect(findAddressFault('https://hooks.example.com/in?team=7', false, { takesQuery: true })).toBeNull()
    expect(findAddressFault('https://127.0.0.1/in?team=7', false, { takesQuery: true })).toBe('private_address')
  })
})
