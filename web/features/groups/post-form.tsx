import { Button, Group, Modal, Select, Stack, Switch, TextInput, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { ScheduleFields } from './schedule-fields.tsx'
import type { PostSchedule } from './use-schedule-text.ts'

interface PostFormProps {
  readonly chatId: number
  readonly accounts: RouteOutput<typeof api.posts.list>['accounts']
  readonly onClose: () => void
}

const FIELDS = ['name', 'text', 'templateId', 'accountId', 'startsOn', 'endsOn']

interface ContentProps {
  readonly text: string
  /** Null for a text of its own. */
  readonly templateId: number | null
  readonly errorOf: (field: string) => string | undefined
  readonly onChange: (part: { text?: string; templateId?: number | null }) => void
}

/** What is posted: a text of its own, or an approved message. */
const ContentFields = ({ text, templateId, errorOf, onChange }: ContentProps) => {
  const { t } = useTranslation()
  const templates = useQuery(query(api.templates.list, { query: { state: 'approved', limit: 200 } }))
  // An answer is for whoever asked.
  const postable = templates.data?.items.filter(({ messageClass }) => messageClass !== 'reply') ?? []
  return (
    <>
      {postable.length > 0 && (
        <Select
          label={t('posts.template')}
          placeholder={t('posts.ownText')}
          data={postable.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={templateId === null ? null : String(templateId)}
          onChange={(id) => onChange({ templateId: id === null ? null : Number(id) })}
          error={errorOf('templateId')}
          clearable
        />
      )}
      {templateId === null && (
        <Textarea
          label={t('posts.text')}
          description={t('posts.textHint')}
          value={text}
          onChange={(event) => onChange({ text: event.currentTarget.value })}
          error={errorOf('text')}
          dir="auto"
          autosize
          minRows={3}
          maxRows={10}
          required
        />
      )}
    </>
  )
}

/** The form's post, and how it is planned. */
const usePlanning = ({ chatId, accounts, onClose }: PostFormProps) => {
  const queries = useQueryClient()
  const [post, setPost] = useState({
    name: '',
    text: '',
    templateId: null as number | null,
    accountId: (accounts.find(({ isInstalled }) => isInstalled) ?? accounts[0])?.id ?? 0,
    startsOn: '',
    endsOn: '',
    pins: false,
  })
  const [schedule, setSchedule] = useState<PostSchedule>({ kind: 'daily', times: ['09:00'] })
  const plan = useMutation({
    mutationFn: () => {
      const { text, templateId, startsOn, endsOn, ...rest } = post
      return call(api.posts.plan, {
        params: { id: chatId },
        body: {
          ...rest,
          schedule:
            'times' in schedule ? { ...schedule, times: schedule.times.filter((time) => time !== '') } : schedule,
          content: templateId === null ? { text } : { templateId },
          ...(startsOn !== '' && { startsOn }),
          ...(endsOn !== '' && { endsOn }),
        },
      })
    },
    onSuccess: async () => {
      await queries.invalidateQueries()
      onClose()
    },
  })
  const change = (part: Partial<typeof post>) => setPost((before) => ({ ...before, ...part }))
  return { post, change, schedule, setSchedule, plan }
}

/** Plans a post into a group; what is refused is said at its field. */
export const PostForm = (props: PostFormProps) => {
  const { accounts, onClose } = props
  const { t } = useTranslation()
  const { post, change, schedule, setSchedule, plan } = usePlanning(props)
  const problem = plan.error instanceof ApiError ? plan.error.problem : null
  const errorOf = (field: string) => (problem?.field === field ? problem.detail : undefined)
  const scheduleFault = problem?.code === 'post_schedule' ? problem.detail : undefined
  const isAtField = scheduleFault !== undefined || FIELDS.includes(problem?.field ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!plan.isPending) plan.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('posts.new')}
      closeButtonProps={{ 'aria-label': t('state.dismiss') }}
      size="lg"
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t('posts.name')}
            value={post.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={errorOf('name')}
            maxLength={100}
            dir="auto"
            required
            data-autofocus
          />
          <ContentFields text={post.text} templateId={post.templateId} errorOf={errorOf} onChange={change} />
          <Select
            label={t('posts.account')}
            data={accounts.map(({ id, name, isInstalled }) => ({
              value: String(id),
              label: isInstalled ? name : t('posts.mayNot', { name }),
            }))}
            value={String(post.accountId)}
            onChange={(id) => change({ accountId: Number(id) })}
            error={errorOf('accountId')}
            allowDeselect={false}
          />
          <ScheduleFields schedule={schedule} error={scheduleFault} onChange={setSchedule} />
          <Group grow align="start">
            {(['startsOn', 'endsOn'] as const).map((day) => (
              <TextInput
                key={day}
                type="date"
                label={t(`posts.${day}`)}
                value={post[day]}
                onChange={(event) => change({ [day]: event.currentTarget.value })}
                error={errorOf(day)}
              />
            ))}
          </Group>
          <Switch
            label={t('posts.pins')}
            checked={post.pins}
            onChange={(event) => change({ pins: event.currentTarget.checked })}
          />
          {plan.error && !isAtField && <Fault error={plan.error} />}
          <Group justify="end">
            <Button type="submit" loading={plan.isPending}>
              {t('posts.plan')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
