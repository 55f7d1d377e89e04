import { useTranslation } from 'react-i18next'

import type { Action, Rule, Trigger } from './rule-draft.ts'

const MONDAY = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000

/** What a rule waits for, does and how often, in the words of the screen. */
export const useRuleWords = () => {
  const { t, i18n } = useTranslation()
  const tag = i18n.language === 'ar' ? 'ar-u-nu-latn' : i18n.language
  const dayNames = new Intl.DateTimeFormat(tag, { weekday: 'short', timeZone: 'UTC' })
  const list = new Intl.ListFormat(tag, { type: 'unit' })
  const unit = (value: number, of: string) =>
    new Intl.NumberFormat(tag, { style: 'unit', unit: of, unitDisplay: 'long' }).format(value)

  const weekday = (day: number): string => dayNames.format(MONDAY + (day - 1) * DAY_MS)
  const span = (minutes: number): string => {
    if (minutes % 1_440 === 0) return unit(minutes / 1_440, 'day')
    return minutes % 60 === 0 ? unit(minutes / 60, 'hour') : unit(minutes, 'minute')
  }
  const trigger = (of: Trigger): string => {
    switch (of.kind) {
      case 'keyword':
        return of.words.join(of.match === 'all' ? ' + ' : ', ')
      case 'regex':
        return of.pattern
      case 'command':
        return `/${of.command}`
      case 'time':
        return t(`rules.when.${of.when}`, {
          from: of.from,
          to: of.to,
          days: of.weekdays.length === 7 ? t('rules.everyDay') : list.format(of.weekdays.map(weekday)),
        })
      case 'first_message':
      case 'join':
      case 'leave':
        return ''
    }
  }
  const action = (of: Action): string => {
    switch (of.kind) {
      case 'reply':
        return (of.texts.find(({ locale }) => locale === i18n.language) ?? of.texts[0])?.text ?? ''
      case 'tag':
        return [...of.add.map((name) => `+${name}`), ...of.remove.map((name) => `−${name}`)].join(' ')
      case 'snooze':
        return t('rules.does.snooze', { span: span(of.minutes) })
      case 'stage':
        return t('rules.does.stage', { stage: `${of.pipeline} › ${of.stage}` })
      case 'assign':
      case 'hand_over':
        return t(`rules.does.${of.kind}`)
    }
  }
  const pause = ({ contactCooldownMinutes, chatCooldownMinutes, maxPerDay }: Rule): string =>
    [
      contactCooldownMinutes > 0 && t('rules.perContact', { span: span(contactCooldownMinutes) }),
      chatCooldownMinutes > 0 && t('rules.perChat', { span: span(chatCooldownMinutes) }),
      maxPerDay !== null && t('rules.perDay', { max: maxPerDay }),
    ]
      .filter((part) => part !== false)
      .join(' · ')
  return { trigger, action, pause, weekday }
}
