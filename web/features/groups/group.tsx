import { Anchor, Badge, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { barsOption } from '../../lib/bars-option.ts'
import { useFormats } from '../../lib/formats.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { DaysChoice } from '../../ui/days-choice.tsx'
import { Fault } from '../../ui/fault.tsx'
import { HeatMap } from '../../ui/heat-map.tsx'
import { Note } from '../../ui/note.tsx'
import { Rows } from '../../ui/rows.tsx'
import { growthOption, talkOption } from './group-days.ts'
import { GroupPosts } from './group-posts.tsx'
import { TopMembers } from './top-members.tsx'

type Report = RouteOutput<typeof contract.groups.get>

const screen = getRouteApi('/groups/$id')
const LOOK_AGAIN_MS = 30_000
const FIGURES = ['messages', 'active', 'joined', 'left'] as const

const Figures = ({ group }: Pick<Report, 'group'>) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const shown = [['members', group.memberCount] as const, ...FIGURES.map((name) => [name, group[name]] as const)]
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
      {shown.map(([name, value]) => (
        <Card key={name} withBorder>
          <Text size="sm" c="dimmed">
            {t(`groups.${name}`)}
          </Text>
          <Text fz={24} fw={650} data-testid={`figure-${name}`}>
            {value === null ? '–' : formats.number(value)}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  )
}

const Charts = ({ report, file }: { report: Report; file: (name: string) => string }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const { days, slots, kinds, members } = report
  const [joined, left, net] = [t('groups.joined'), t('groups.left'), t('groups.net')]
  const kindNames = kinds.map(({ kind }) => t(`groups.kinds.${kind}`, { defaultValue: kind }))
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <ChartOrTable
            title={t('groups.growth')}
            option={growthOption(days, [joined, left, net])}
            columns={[t('groups.day'), joined, left]}
            rows={days.map((day) => [day.on, day.joined, day.left])}
            file={file('growth')}
          />
        </Card>
        <Card withBorder>
          <ChartOrTable
            title={t('groups.talk')}
            option={talkOption(days, [t('groups.messages'), t('groups.active')])}
            columns={[t('groups.day'), t('groups.messages'), t('groups.active')]}
            rows={days.map((day) => [day.on, day.messages, day.active])}
            file={file('messages')}
          />
        </Card>
      </SimpleGrid>
      <Card withBorder>
        <HeatMap
          title={t('groups.week')}
          file={file('hours')}
          slots={slots.map(({ weekday, hour, messages }) => ({ weekday, hour, value: messages }))}
          formats={formats}
          label={(value) => t('groups.messagesAre', { value })}
        />
      </Card>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <TopMembers members={members} file={file('members')} formats={formats} now={session.now} />
        </Card>
        <Card withBorder>
          <ChartOrTable
            title={t('groups.kindsTitle')}
            option={barsOption(
              kindNames,
              kinds.map(({ messages }) => messages),
            )}
            columns={[t('groups.kind'), t('groups.messages')]}
            rows={kinds.map(({ messages }, i) => [kindNames[i] ?? '', messages])}
            file={file('kinds')}
          />
        </Card>
      </SimpleGrid>
    </>
  )
}

/** One group: who came and went, when it talks, who talks most. */
export const GroupPage = () => {
  const { t } = useTranslation()
  const { id } = screen.useParams()
  const { days } = screen.useSearch()
  const navigate = screen.useNavigate()
  const maySeePosts = useMay('campaigns.view')
  const report = useQuery({
    ...query(api.groups.get, { params: { id: Number(id) }, query: { days } }),
    refetchInterval: LOOK_AGAIN_MS,
    placeholderData: keepPreviousData,
  })
  return (
    <Stack gap="lg" aria-busy={report.isPlaceholderData}>
      <Anchor size="sm" renderRoot={(props) => <Link to="/groups" search={{ days }} {...props} />}>
        {t('groups.back')}
      </Anchor>
      {report.isPending && <Rows />}
      {report.isError && <Fault error={report.error} onRetry={() => void report.refetch()} />}
      {report.isSuccess && (
        <>
          <Group justify="space-between">
            <Group gap="xs">
              <Title order={1} size="h3">
                <bdi>{report.data.group.title}</bdi>
              </Title>
              {report.data.group.isQuiet && <Badge variant="default">{t('groups.quiet')}</Badge>}
            </Group>
            <DaysChoice
              value={days}
              onChange={(chosen) => void navigate({ search: (before) => ({ ...before, days: chosen }), replace: true })}
            />
          </Group>
          {report.data.blindness !== null && (
            <Note color="orange" mb={0}>
              {t(`groups.blind.${report.data.blindness}`)}
            </Note>
          )}
          <Figures group={report.data.group} />
          {maySeePosts && <GroupPosts chatId={Number(id)} />}
          <Charts report={report.data} file={(name) => `group-${id}-${name}-${days}`} />
          <Text size="xs" c="dimmed">
            {t('groups.known')}
          </Text>
        </>
      )}
    </Stack>
  )
}
