import { Anchor, Badge, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ContactConsents } from './contact-consents.tsx'
import { ContactFacts } from './contact-facts.tsx'
import { ContactKeeping } from './contact-keeping.tsx'
import { ContactNotes } from './contact-notes.tsx'
import { ContactSegments } from './contact-segments.tsx'
import { ContactStages } from './contact-stages.tsx'
import { ContactTags } from './contact-tags.tsx'
import { ContactTasks } from './contact-tasks.tsx'
import { ContactTimeline } from './contact-timeline.tsx'
import { ContactUnsent } from './contact-unsent.tsx'
import { hoursOption } from './hours.ts'
import { nameOf } from '../../lib/name-of.ts'

const screen = getRouteApi('/contacts/$id')

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <Card withBorder component="section">
    <Stack gap="sm">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  </Card>
)

/** One person: who they are, what they allowed, where they belong and why, and what happened. */
export const Contact = () => {
  const { t } = useTranslation()
  const id = Number(screen.useParams().id)
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const maySeeUnsent = useMay('deliveries.view')
  const contact = useQuery(query(api.contacts.get, { params: { id } }))
  if (contact.isPending) return <Rows />
  if (contact.isError) return <Fault error={contact.error} onRetry={() => void contact.refetch()} />
  const person = contact.data
  return (
    <Stack>
      <Anchor renderRoot={(props) => <Link to="/contacts" {...props} />} size="sm">
        {t('contact.back')}
      </Anchor>
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1} size="h3">
            <bdi>{nameOf(person)}</bdi>
          </Title>
          {person.username !== null && (
            <Text c="dimmed" dir="ltr">
              @{person.username}
            </Text>
          )}
          {person.suppressedAt !== null && (
            <Badge color="red" variant="outline">
              {t('contact.suppressed')}
            </Badge>
          )}
        </Group>
        <ContactKeeping person={person} />
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Section title={t('contact.who')}>
          <ContactFacts person={person} />
          <ContactTags id={person.id} tags={person.tags} />
        </Section>
        <Section title={t('contact.consents')}>
          <ContactConsents consents={person.consents} />
        </Section>
        <Section title={t('contact.segments')}>
          <ContactSegments id={person.id} />
        </Section>
        <Card withBorder>
          <ChartOrTable
            title={t('contact.hours')}
            option={hoursOption(person.hourShares, person.bestHours)}
            columns={[t('contact.hour'), t('contact.share')]}
            rows={person.hourShares.map((share, hour) => [`${hour}:00`, formats.ratio(share)])}
          />
          <Text size="sm">
            {t('contact.bestHours', { hours: person.bestHours.map((hour) => `${hour}:00`).join(' · ') })}
          </Text>
        </Card>
        {maySeeUnsent && (
          <Section title={t('contact.unsent')}>
            <ContactUnsent id={person.id} />
          </Section>
        )}
        <Section title={t('contact.tasks')}>
          <ContactTasks id={person.id} />
        </Section>
        <Section title={t('contact.stages')}>
          <ContactStages id={person.id} />
        </Section>
        <Section title={t('contact.notes')}>
          <ContactNotes id={person.id} />
        </Section>
      </SimpleGrid>
      <Section title={t('contact.timeline')}>
        <ContactTimeline id={person.id} />
      </Section>
    </Stack>
  )
}
