import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ModelForm } from './model-form.tsx'
import { ModelState } from './model-state.tsx'
import { ModelTrial } from './model-trial.tsx'
import { ModelUsage } from './model-usage.tsx'

/** Whose language model answers for the tenant, what it may cost, what it has cost, and whether it works. */
export const ModelPart = () => {
  const mayEdit = useMay('settings.edit')
  const model = useQuery({ ...query(api.llm.get, {}), staleTime: 0 })
  if (model.isPending || !model.isFetchedAfterMount) return <Rows count={4} />
  if (model.isError) return <Fault error={model.error} onRetry={() => void model.refetch()} />
  return (
    <Stack gap="lg">
      <ModelState model={model.data} />
      <ModelForm stored={model.data} />
      {mayEdit && <ModelTrial isOff={model.data.mode === 'off'} />}
      <ModelUsage />
    </Stack>
  )
}
