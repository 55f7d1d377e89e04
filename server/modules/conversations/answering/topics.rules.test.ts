import { describe, expect, it } from 'vitest'

import { asksNatureAlone, asksWhetherHuman, sensitiveTopicOf } from './topics.rules.ts'

describe('asksWhetherHuman', () => {
  it.each([
    'Bot musun?',
    'siz BOT musunuz',
    'Are you human?',
    'are you a bot',
    'Вы человек?',
    'ты бот?',
    'هل أنت إنسان؟',
    'Sen kimsin',
  ])('hears it in: %s', (text) => {
    expect(asksWhetherHuman(text)).toBe(true)
    expect(asksNatureAlone(text)).toBe(true)
  })

  it.each(['Robotik kurs var mı', 'fiyat nedir', 'human resources', ''])('does not hear it in: %s', (text) => {
    expect(asksWhetherHuman(text)).toBe(false)
  })

  it('leaves a long text to the model, since it asks for more', () => {
    expect(asksNatureAlone(`Bot musun? ${'Bir de şunu soracağım. '.repeat(20)}`)).toBe(false)
  })
})

describe('sensitiveTopicOf', () => {
  it.each([
    ['self_harm', 'intihar etmek istiyorum'],
    ['self_harm', 'I want to die'],
    ['self_harm', 'не хочу жить'],
    ['self_harm', 'أريد أن أموت'],
    ['health', 'nefes alamıyorum'],
    ['health', 'heart attack!'],
    ['legal', 'Avukatım sizi arayacak'],
    ['legal', 'I will take legal action'],
    ['legal', 'подам в суд'],
    ['minor', '15 yaşındayım'],
    ['minor', 'عمري ١٥'],
    ['violence', 'beni tehdit ediyorlar'],
    ['payment_dispute', 'İade istiyorum'],
    ['payment_dispute', 'I want my money back'],
    ['payment_dispute', 'верните деньги'],
    ['payment_dispute', 'أريد استرداد المال'],
    ['data_deletion', 'KVKK kapsamında'],
    ['data_deletion', 'delete my data'],
  ] as const)('is %s for: %s', (topic, text) => {
    expect(sensitiveTopicOf(text)).toBe(topic)
  })

  it.each(['Fiyat nedir?', 'Kargo ne zaman gelir', 'hello', 'Какая цена?', 'كم السعر؟'])(
    'is nothing for: %s',
    (text) => {
      expect(sensitiveTopicOf(text)).toBeNull()
    },
  )
})
