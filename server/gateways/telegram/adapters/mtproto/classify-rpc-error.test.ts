import { describe, expect, it } from 'vitest'

import { classifyRpcError } from './classify-rpc-error.ts'

describe('classifyRpcError', () => {
  it.each([
    [420, 'FLOOD_WAIT_%d', 30, 'flood_wait', 30],
    [420, 'FLOOD_PREMIUM_WAIT_17', undefined, 'flood_wait', 17],
    [420, 'SLOWMODE_WAIT_9', undefined, 'flood_wait', 9],
    [420, 'FROZEN_METHOD_INVALID', undefined, 'account_frozen', null],
    [406, 'AUTH_KEY_DUPLICATED', undefined, 'session_duplicated', null],
    [403, 'ALLOW_PAYMENT_REQUIRED_50', undefined, 'privacy_restricted', null],
    [400, 'PEER_FLOOD', undefined, 'spam_limited', null],
    [400, 'YOU_BLOCKED_USER', undefined, 'blocked_by_us', null],
    [401, 'USER_DEACTIVATED_BAN', undefined, 'account_banned', null],
    [401, 'SESSION_REVOKED', undefined, 'session_lost', null],
    [500, 'RANDOM_ID_DUPLICATE', undefined, 'random_id_used', null],
    [401, 'SOMETHING_NEW', undefined, 'session_lost', null],
    [-503, 'Timeout', undefined, 'server_error', null],
    [400, 'constructor', undefined, 'rejected_other', null],
  ])('reads %d %s', (code, name, argument, failure, waitSeconds) => {
    expect(classifyRpcError(code, name, argument)).toMatchObject({ failure, waitSeconds })
  })

  it.each([
    ['PHONE_NUMBER_INVALID', 'phone_invalid'],
    ['PHONE_CODE_EXPIRED', 'code_expired'],
    ['PASSWORD_HASH_INVALID', 'password_invalid'],
    ['SEND_CODE_UNAVAILABLE', 'code_unavailable'],
    ['FLOOD_WAIT_99', 'flood_wait'],
    ['WHATEVER', 'refused_otherwise'],
  ])('reads %s for a login', (name, login) => {
    expect(classifyRpcError(400, name).login).toBe(login)
  })
})
