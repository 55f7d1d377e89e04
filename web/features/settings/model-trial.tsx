import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Note } from '../../ui/note.tsx'

type Trial = RouteOutput<typeof contract.llm.test>

/** How the model did on one question. */
const Outcome = ({ trial }: { trial: Trial }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const { refusal, text, isRight, latencyMs, inputTokens, outputTokens, cause } = trial
  const verdict =
    refusal === null
      ? t(isRight === true ? 'model.works' : 'model.wrong')
      : t('model.fails', { reason: t(`words:modelRefusal.${refusal}`) })
  return (
    <Note color={refusal !== null ? 'red' : isRight === true ? 'teal' : 'yellow'} title={verdict} mb={0}>
      {text !== null && <Text dir="auto">{text}</Text>}
      <Text size="sm">
        {latencyMs !== null && `${t('model.latency', { ms: formats.number(latencyMs) })} · `}
        {t('model.cost', { tokens: formats.number(inputTokens + outputTokens) })}
        {cause !== null && ` · ${cause}`}
      </Text>
    </Note>
  )
}

/** Puts one real question to the model as it is saved. */
export const ModelTrial = ({ isOff }: { isOff: boolean }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const trial = useMutation({
    mutationFn: () => call(api.llm.test, {}),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Stack gap="xs" maw={720}>
      <Text size="sm" c="dimmed">
        {t('model.trialHint')}
      </Text>
      <Button
        variant="default"
        style={{ alignSelf: 'start' }}
        disabled={isOff}
        loading={trial.isPending}
        onClick={() => trial.mutate()}
      >
        {t('model.trial')}
      </Button>
      {trial.isError && <Fault error={trial.error} />}
      <output style={{ display: 'block' }}>{trial.isSuccess && <Outcome trial={trial.data} />}</output>
    </Stack>
  )
}
