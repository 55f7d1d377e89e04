import { Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import type { Person } from './person.ts'

/** What is known of the person, in rows. */
export const ContactFacts = ({ person }: { person: Person }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(person.timeZone ?? tenant.timeZone)
  const { everyHours, maxPerDay, reason } = person.advice
  const facts: readonly (readonly [string, string])[] = [
    ['id', `#${person.id}`],
    ['telegramId', person.telegramId === null ? '—' : String(person.telegramId)],
    ['zone', [person.languageCode ?? '—', person.timeZone ?? tenant.timeZone].join(' · ')],
    ['firstSeen', formats.instant(person.firstSeenAt)],
    ['lastSeen', person.lastSeenAt === null ? t('contact.never') : formats.since(person.lastSeenAt, session.now)],
    ['engagement', `${formats.number(Math.round(person.engagementScore))} / 100`],
    ['sentAndAnswered', `${formats.number(person.sent)} / ${formats.number(person.answered)}`],
    ['reach', person.reach.map(({ reachability }) => t(`words:reachability.${reachability}`)).join(' · ') || '—'],
    ['chats', person.chats.map(({ title }) => title).join(' · ') || '—'],
    ['advice', t('contact.adviceIs', { hours: everyHours, perDay: maxPerDay, reason: t(`contact.because.${reason}`) })],
  ]
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w="40%">{t(`contact.${name}`)}</Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <bdi>{value}</bdi>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
