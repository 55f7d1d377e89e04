import { Select, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type Pipeline = RouteOutput<typeof contract.contacts.listStages>['pipelines'][number]

const Standing = ({ id, pipeline }: { id: number; pipeline: Pipeline }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const whose = useWhose()
  const queries = useQueryClient()
  const mayEdit = useMay('contacts.edit')
  const { standsAt, stages } = pipeline
  const move = useMutation({
    mutationFn: (stageId: number | null) =>
      call(api.contacts.moveStage, { params: { id, pipelineId: pipeline.id }, body: { stageId } }),
    onSettled: () => queries.invalidateQueries(),
  })
  const shown = move.isPending ? move.variables : (standsAt?.stageId ?? null)
  return (
    <Select
      label={pipeline.name}
      placeholder={t('contact.inNoStage')}
      description={
        standsAt !== null &&
        t('contact.stageSince', { at: formats.instant(standsAt.since), who: whose(standsAt.movedBy) })
      }
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={stages.map((stage) => ({ value: String(stage.id), label: stage.name }))}
      value={shown === null ? null : String(shown)}
      onChange={(value) => move.mutate(value === null ? null : Number(value))}
      clearable
      clearButtonProps={{ 'aria-label': t('contact.leavePipeline', { name: pipeline.name }) }}
      disabled={!mayEdit || move.isPending}
      error={move.error instanceof ApiError ? move.error.problem.detail : move.isError && t('state.offline')}
      data-pipeline={pipeline.id}
    />
  )
}

/** How far along the person is in each of the tenant's pipelines. */
export const ContactStages = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const stages = useQuery(query(api.contacts.listStages, { params: { id } }))
  if (stages.isPending) return <Rows count={1} />
  if (stages.isError) return <Fault error={stages.error} onRetry={() => void stages.refetch()} />
  const { pipelines } = stages.data
  return (
    <Stack gap="sm">
      {pipelines.length === 0 && (
        <Text c="dimmed">
          {t('contact.noPipelines')} <code dir="ltr">gavatcore pipelines create</code>
        </Text>
      )}
      {pipelines.map((pipeline) => (
        <Standing key={pipeline.id} id={id} pipeline={pipeline} />
      ))}
    </Stack>
  )
}
