import { Anchor, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { TenantAction } from '#contract/actions.ts'
import type { StartState, StartStep } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { StartBar } from './start-bar.tsx'
import { type StartProgress, useStartProgress } from './use-start-progress.ts'

/** Where each step is done, and who may. */
const PLACES: Readonly<Record<StartStep, { readonly to: string; readonly needs: TenantAction }>> = {
  package: { to: '/billing', needs: 'billing.view' },
  payment: { to: '/billing', needs: 'billing.pay' },
  account: { to: '/accounts/new', needs: 'accounts.link' },
  segment: { to: '/segments', needs: 'segments.view' },
  test: { to: '/templates', needs: 'templates.edit' },
}

const COLOURS: Readonly<Record<StartState, string>> = { done: 'teal.9', waiting: 'orange.9', open: 'gray.7' }

interface GoProps {
  readonly step: StartStep
  readonly to: string
  readonly isNext: boolean
}

/** A newcomer pays for what they chose, on the page that takes payments; everybody else among the packages. */
const PayButton = ({ step, to, isNext }: GoProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const newcomer = useQuery(query(api.start.newcomer, {}))
  const pay = useMutation({
    mutationFn: async () => location.assign((await call(api.start.payPage, {})).path),
  })
  const variant = isNext ? 'filled' : 'default'
  if (newcomer.data?.open?.tenantId !== tenant.id)
    return (
      <Button component={Link} to={to} variant={variant}>
        {t(`start.step.${step}.go`)}
      </Button>
    )
  return (
    <>
      {pay.isError && <Fault error={pay.error} />}
      <Button variant={variant} loading={pay.isPending} onClick={() => pay.mutate()}>
        {t(`start.step.${step}.go`)}
      </Button>
    </>
  )
}

const GoButton = ({ step, to, isNext }: GoProps) => {
  const { t } = useTranslation()
  if (step === 'payment') return <PayButton step={step} to={to} isNext={isNext} />
  return (
    <Button component={Link} to={to} variant={isNext ? 'filled' : 'default'}>
      {t(`start.step.${step}.go`)}
    </Button>
  )
}

interface StepProps {
  readonly step: StartStep
  readonly state: StartState
  readonly isNext: boolean
  readonly progress: StartProgress
}

const Step = ({ step, state, isNext, progress }: StepProps) => {
  const { t } = useTranslation()
  const { to, needs } = PLACES[step]
  const mayDo = useMay(needs)
  const { botUsername } = progress
  return (
    <Card withBorder component="li" data-step={step} data-state={state}>
      <Group justify="space-between">
        <Stack gap={4} flex="1 1 240px">
          <Group gap="xs">
            <Title order={2} size="h5">
              {t(`start.step.${step}.title`)}
            </Title>
            <Badge color={COLOURS[state]} variant={state === 'open' ? 'outline' : 'filled'}>
              {t(`start.state.${state}`)}
            </Badge>
          </Group>
          <Text size="sm">
            {t(state === 'waiting' ? 'start.paymentWaits' : `start.step.${step}.text`, {
              package: t(`words:package.${progress.package}`),
            })}
          </Text>
          {step === 'segment' && state === 'open' && botUsername !== null && (
            <Anchor size="sm" href={`https://t.me/${botUsername}`} target="_blank" rel="noreferrer">
              {t('start.openBot')} <span dir="ltr">@{botUsername}</span>
            </Anchor>
          )}
        </Stack>
        {mayDo && state === 'open' && <GoButton step={step} to={to} isNext={isNext} />}
      </Group>
      {!mayDo && state === 'open' && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('start.notYours')}
        </Text>
      )}
    </Card>
  )
}

/** T1: what it takes to begin, step by step, as it really is. */
export const Start = () => {
  const { t } = useTranslation()
  const progress = useStartProgress(true)
  const next = progress.data?.steps.find(({ state }) => state === 'open')
  return (
    <Stack gap="lg" maw={820}>
      <Title order={1} size="h3">
        {t('screens.start')}
      </Title>
      {progress.isLoading && <Rows />}
      {progress.isError && <Fault error={progress.error} onRetry={() => void progress.refetch()} />}
      {progress.isPending && !progress.isLoading && (
        <EmptyState title={t('start.outsideTitle')} next={t('start.outside')} />
      )}
      {progress.isSuccess && (
        <>
          <StartBar progress={progress.data} />
          {progress.data.isComplete && <Text aria-live="polite">{t('start.complete')}</Text>}
          <Stack component="ol" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
            {progress.data.steps.map(({ step, state }) => (
              <Step key={step} step={step} state={state} isNext={step === next?.step} progress={progress.data} />
            ))}
          </Stack>
        </>
      )}
    </Stack>
  )
}
