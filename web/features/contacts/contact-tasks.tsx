import { Button, Checkbox, Group, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { instantOf } from '../../lib/wall-time.ts'
import { useWhose } from '../../lib/whose.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type ContactTask = RouteOutput<typeof contract.contacts.listTasks>['items'][number]

const TITLE_MAX = 200

const NewTask = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const queries = useQueryClient()
  const [title, setTitle] = useState('')
  const [due, setDue] = useState('')
  const add = useMutation({
    mutationFn: () =>
      call(api.contacts.addTask, { params: { id }, body: { title, dueAt: instantOf(due, tenant.timeZone) } }),
    onSuccess: () => {
      setTitle('')
      setDue('')
      return queries.invalidateQueries()
    },
  })
  return (
    <Stack gap="xs">
      <Group align="end" gap="xs">
        <TextInput
          label={t('contact.newTask')}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          maxLength={TITLE_MAX}
          style={{ flex: '1 1 14rem' }}
        />
        <TextInput
          type="datetime-local"
          label={t('contact.taskDue')}
          value={due}
          onChange={(event) => setDue(event.currentTarget.value)}
        />
      </Group>
      <Button
        style={{ alignSelf: 'start' }}
        variant="default"
        disabled={title.trim() === ''}
        loading={add.isPending}
        onClick={() => add.mutate()}
      >
        {t('contact.addTask')}
      </Button>
      {add.isError && <Fault error={add.error} />}
    </Stack>
  )
}

/** `now` is the instant at which the tasks were read. */
const TaskLine = ({ task, now }: { task: ContactTask; now: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const whose = useWhose()
  const queries = useQueryClient()
  const mayEdit = useMay('contacts.edit')
  const { id, title, dueAt, doneAt, doneBy } = task
  const tick = useMutation({
    mutationFn: (isDone: boolean) => call(api.contacts.changeTask, { params: { id }, body: { isDone } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const isLate = doneAt === null && dueAt !== null && dueAt <= now
  const when =
    doneAt === null
      ? dueAt !== null && t(isLate ? 'contact.taskLate' : 'contact.taskUntil', { at: formats.instant(dueAt) })
      : t('contact.taskDone', { at: formats.instant(doneAt), who: whose(doneBy ?? '') })
  return (
    <div data-task={id} data-done={doneAt !== null}>
      <Checkbox
        label={<bdi>{title}</bdi>}
        description={when}
        checked={tick.isPending ? tick.variables : doneAt !== null}
        disabled={!mayEdit || tick.isPending}
        onChange={(event) => tick.mutate(event.currentTarget.checked)}
        styles={{
          label: { overflowWrap: 'anywhere' },
          ...(isLate && { description: { color: 'var(--mantine-color-text)', fontWeight: 600 } }),
        }}
      />
      {tick.isError && <Fault error={tick.error} />}
    </div>
  )
}

/** What is to be done about the person, to be ticked off; what was done, on demand. */
export const ContactTasks = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const mayEdit = useMay('contacts.edit')
  const [isDoneShown, showDone] = useState(false)
  const which = isDoneShown ? 'done' : 'open'
  const tasks = useQuery(query(api.contacts.listTasks, { params: { id }, query: { which } }))
  return (
    <Stack gap="sm">
      {mayEdit && <NewTask id={id} />}
      <Switch
        label={t('contact.showDone')}
        checked={isDoneShown}
        onChange={(event) => showDone(event.currentTarget.checked)}
      />
      {tasks.isPending && <Rows count={2} />}
      {tasks.isError && <Fault error={tasks.error} onRetry={() => void tasks.refetch()} />}
      {tasks.data?.items.length === 0 && (
        <Text c="dimmed">{t(isDoneShown ? 'contact.noTasksDone' : 'contact.noTasks')}</Text>
      )}
      {tasks.data?.items.map((task) => (
        <TaskLine key={task.id} task={task} now={tasks.dataUpdatedAt} />
      ))}
    </Stack>
  )
}
