import { describe, expect, it } from 'vitest'

import { AppError } from '#server/base/errors.ts'

import { loadConfig } from './config.ts'

const faultsOf = (env: Readonly<Record<string, string>>): string => {
  try {
    loadConfig(env, [])
  } catch (error) {
    if (error instanceof AppError) return String(error.params['faults'])
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('readPaymentSettings', () => {
  it('leaves every provider off until its keys are there', () => {
    expect(loadConfig({}, []).payments).toEqual({
      transfer: null,
      starsAccountId: null,
      stripe: null,
      paytr: null,
      papara: null,
    })
  })

  it('switches providers on by their keys, with the IBAN as banks write it', () => {
    const { payments } = loadConfig(
      {
        IBAN_NUMBER: 'tr33 0006 1005 1978 6457 8413 26',
        IBAN_HOLDER: 'Gavat Ltd',
        STARS_ACCOUNT: '7',
        STRIPE_SECRET_KEY: 'sk',
        STRIPE_WEBHOOK_SECRET: 'whsec',
        PAYTR_MERCHANT_ID: '1',
        PAYTR_MERCHANT_KEY: 'k',
        PAYTR_MERCHANT_SALT: 's',
      },
      [],
    )
    expect(payments).toEqual({
      transfer: { iban: 'TR330006100519786457841326', holder: 'Gavat Ltd', papara: null },
      starsAccountId: 7,
      stripe: { secretKey: 'sk', webhookSecret: 'whsec', apiRoot: 'https://api.stripe.com' },
      paytr: { merchantId: '1', merchantKey: 'k', merchantSalt: 's', isTest: false, apiRoot: 'https://www.paytr.com' },
      papara: null,
    })
  })

  it('names what is missing of a provider that is set up by half', () => {
    expect(faultsOf({ STRIPE_SECRET_KEY: 'sk' })).toBe('STRIPE_WEBHOOK_SECRET: is needed with STRIPE_SECRET_KEY')
    expect(faultsOf({ PAPARA_NUMBER: '1234567890' })).toContain('IBAN_HOLDER: is needed')
    expect(faultsOf({ PAPARA_API_KEY: 'a', PAPARA_MERCHANT_SECRET: 'b' })).toContain('PUBLIC_URL: is needed')
    expect(faultsOf({ IBAN_NUMBER: 'TR330006100519786457841327', IBAN_HOLDER: 'x' })).toContain('IBAN_NUMBER: must be')
  })
})
