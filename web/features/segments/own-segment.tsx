import { Anchor, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import {
  type Feature,
  type GivenConditions,
  type Line,
  type OwnSegment as Stored,
  conditionsFrom,
  lineAbout,
  lineFrom,
} from './own-draft.ts'
import { OwnLine } from './own-line.tsx'
import { OwnMatches, faultIn, useMatches } from './own-matches.tsx'

const screen = getRouteApi('/segments/own/$id')
/** What a new segment begins with. */
const FIRST = 'daysSinceSeen'
const LINES_MAX = 12

interface BuilderProps {
  /** Null for a new one. */
  readonly stored: Stored | null
  readonly features: readonly Feature[]
  readonly tags: readonly string[]
}

/** Stores what was built, and goes back to the list. */
const useSaving = (stored: Stored | null) => {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: { readonly name: string; readonly conditions: GivenConditions }) =>
      stored === null
        ? call(api.ownSegments.create, { body })
        : call(api.ownSegments.update, {
            params: { id: stored.id },
            body: { ...body, expectedVersion: stored.version },
          }),
    onSuccess: async () => {
      notifications.show({ message: t('ownSegments.saved'), color: 'teal.9' })
      await queries.invalidateQueries()
      await navigate({ to: '/segments', search: { tenant: undefined } })
    },
  })
}

/** Name and conditions, with who fits them at this moment. */
const Builder = ({ stored, features, tags }: BuilderProps) => {
  const { t } = useTranslation()
  const mayEdit = useMay('segments.edit')
  const [name, setName] = useState(stored?.name ?? '')
  const [lines, setLines] = useState<readonly Line[]>(() => stored?.conditions.map(lineFrom) ?? [lineAbout(0, FIRST, tags)]) // prettier-ignore
  const conditions = conditionsFrom(features, lines)
  const matches = useMatches(conditions)
  const save = useSaving(stored)
  const change = (changed: readonly Line[]) => {
    if (save.isError) save.reset()
    setLines(changed)
  }
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const fault = faultIn(save.error) ?? (conditions === null ? null : faultIn(matches.error))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (conditions !== null) save.mutate({ name, conditions })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={t('ownSegments.name')}
          value={name}
          onChange={(event) => {
            if (save.isError) save.reset()
            setName(event.currentTarget.value)
          }}
          error={problem?.field === 'name' ? problem.detail : undefined}
          maxLength={60}
          maw={420}
          required
          disabled={!mayEdit}
        />
        <Text size="sm">{t('ownSegments.allHold')}</Text>
        {lines.map((line, index) => (
          <OwnLine
            key={line.key}
            line={line}
            number={index + 1}
            features={features}
            tags={tags}
            fault={fault?.line === index ? fault.detail : undefined}
            onChange={(changed) => change(lines.map((other) => (other.key === line.key ? changed : other)))}
            onRemove={lines.length === 1 ? undefined : () => change(lines.filter(({ key }) => key !== line.key))}
          />
        ))}
        <Button
          variant="default"
          style={{ alignSelf: 'start' }}
          disabled={lines.length >= LINES_MAX}
          onClick={() => change([...lines, lineAbout(Math.max(...lines.map(({ key }) => key)) + 1, 'orders', tags)])}
        >
          {t('ownSegments.addCondition')}
        </Button>
        <OwnMatches matches={matches} isComplete={conditions !== null} />
        {save.isError && problem?.field !== 'name' && faultIn(save.error) === null && <Fault error={save.error} />}
        {mayEdit && (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={conditions === null}>
              {t('ownSegments.save')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}

/** A segment of the tenant's own: a new one, or one that is there. */
export const OwnSegment = () => {
  const { t } = useTranslation()
  const given = screen.useParams().id
  const id = given === 'new' ? null : Number(given)
  const list = useQuery(query(api.ownSegments.list, {}))
  const stored = useQuery({
    ...query(api.ownSegments.get, { params: { id: id ?? 0 } }),
    enabled: id !== null,
    staleTime: 0,
  })
  const fault = list.error ?? (id === null ? null : stored.error)
  const isReady = list.isSuccess && (id === null || (stored.isSuccess && stored.isFetchedAfterMount))
  return (
    <Stack>
      <Anchor renderRoot={(props) => <Link to="/segments" {...props} />} size="sm">
        {t('segments.back')}
      </Anchor>
      <Title order={1} size="h3">
        {id === null ? t('ownSegments.new') : <bdi>{stored.data?.name ?? t('ownSegments.title')}</bdi>}
      </Title>
      {fault !== null && <Fault error={fault} onRetry={() => void list.refetch()} />}
      {fault === null && !isReady && <Rows count={4} />}
      {fault === null && isReady && (
        <Builder
          key={given}
          stored={id === null ? null : (stored.data ?? null)}
          features={list.data.features}
          tags={list.data.tags}
        />
      )}
    </Stack>
  )
}
