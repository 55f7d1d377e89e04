import { Alert, Anchor, Button, Card, Group, Stack, Title } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { type Finish, useFinish } from './use-finish.ts'
import { useKeptDraft } from './use-kept-draft.ts'
import { WizardAudience } from './wizard-audience.tsx'
import { WIZARD_STEPS, type WizardDraft, type WizardStep, stepOfField } from './wizard-draft.ts'
import { WizardLimits } from './wizard-limits.tsx'
import { WizardMessage } from './wizard-message.tsx'
import type { WizardPartProps } from './wizard-part.ts'
import { WizardReview } from './wizard-review.tsx'
import { WizardSchedule } from './wizard-schedule.tsx'
import { WizardStepBar } from './wizard-step-bar.tsx'

interface WizardProps extends Pick<WizardPartProps, 'choices' | 'wizard'> {
  readonly place: string
  readonly initial: WizardDraft
  readonly step: WizardStep
  /** A message that was just written for it. */
  readonly template: number | undefined
  readonly onGo: (step: WizardStep) => void
}

interface LocalFault {
  readonly field: string
  readonly detail: string
}

const PARTS = {
  audience: WizardAudience,
  message: WizardMessage,
  schedule: WizardSchedule,
  limits: WizardLimits,
  review: WizardReview,
} as const

/** The draft with a message that was just written: in the first place that waits for one, else in the last. */
const withTemplate = (steps: WizardDraft['steps'], template: number): WizardDraft['steps'] => {
  if (steps.some(({ templateId }) => templateId === template)) return steps
  const empty = steps.findIndex(({ templateId }) => templateId === null)
  const at = empty < 0 ? steps.length - 1 : empty
  return steps.map((step, i) => (i === at ? { ...step, templateId: template } : step))
}

interface FootProps {
  readonly step: WizardStep
  readonly needsApproval: boolean
  readonly isPending: boolean
  readonly onGo: (step: WizardStep) => void
  readonly onFinish: (act: Finish) => void
}

/** On to the next step, back to the one before, and at the end what becomes of it. */
const Foot = ({ step, needsApproval, isPending, onGo, onFinish }: FootProps) => {
  const { t } = useTranslation()
  const mayStart = useMay('campaigns.start')
  const at = WIZARD_STEPS.indexOf(step)
  const before = WIZARD_STEPS[at - 1]
  const main = needsApproval || !mayStart ? 'submit' : 'start'
  return (
    <Group justify="space-between">
      {before === undefined ? (
        <span />
      ) : (
        <Button variant="default" onClick={() => onGo(before)}>
          {t('wizard.previous')}
        </Button>
      )}
      <Group>
        {step === 'review' && (
          <Button variant="default" loading={isPending} onClick={() => onFinish('save')}>
            {t('wizard.saveDraft')}
          </Button>
        )}
        <Button type="submit" loading={isPending}>
          {t(step === 'review' ? `wizard.${main}` : 'wizard.next')}
        </Button>
      </Group>
    </Group>
  )
}

/** What was refused and belongs to no field, or was overtaken by somebody else. */
const Refusal = ({
  finishing,
  stored,
  onOver,
}: {
  finishing: ReturnType<typeof useFinish>
  stored: WizardDraft['stored']
  onOver: () => void
}) => {
  const { t } = useTranslation()
  const { finish, problem } = finishing
  if (!finish.isError) return null
  if (problem?.code !== 'campaign_moved_on' || stored === null) return <Fault error={finish.error} />
  return (
    <Alert color="yellow" title={t('wizard.overtaken')}>
      <Stack align="start" gap="sm">
        {problem.detail}
        <Group>
          <Anchor href={`/app/campaigns/${stored.id}`} target="_blank">
            {t('wizard.seeTheirs')}
          </Anchor>
          <Button variant="default" onClick={onOver}>
            {t('wizard.keepMine')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}

/** Whoever reads with the keyboard or the ear begins each step at its title. */
const StepTitle = ({ step }: { step: WizardStep }) => {
  const { t } = useTranslation()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <Title order={2} size="h4" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
      {t(`wizard.title.${step}`)}
    </Title>
  )
}

/** What is missing before anything can be stored; the server says the rest. */
const useMissing = () => {
  const { t } = useTranslation()
  return (draft: WizardDraft): LocalFault | null => {
    if (draft.accountId === null) return { field: 'accountId', detail: t('wizard.chooseAccount') }
    const empty = draft.steps.findIndex(({ templateId }) => templateId === null)
    return empty < 0 ? null : { field: `steps[${empty}].templateId`, detail: t('wizard.chooseMessage') }
  }
}

/** A campaign in the making, step by step; a reload of the page loses nothing. */
export const Wizard = ({ place, initial, step, template, choices, wizard, onGo }: WizardProps) => {
  const navigate = useNavigate()
  const { draft, change, forget } = useKeptDraft(place, (kept) => {
    const begun = kept ?? initial
    return template === undefined ? begun : { ...begun, steps: withTemplate(begun.steps, template) }
  })
  const [missing, setMissing] = useState<LocalFault | null>(null)
  const [act, setAct] = useState<Finish>('save')
  const missingIn = useMissing()
  const mayStart = useMay('campaigns.start')
  const finishing = useFinish({
    draft,
    onStored: (stored) => change({ stored }),
    onDone: (id) => {
      forget()
      void navigate({
        to: '/campaigns/$id',
        params: { id: String(id) },
        search: { people: undefined, tenant: undefined },
      })
    },
    onRefused: (field) => stepOfField(field) !== 'review' && onGo(stepOfField(field)),
  })
  const { finish, perform, problem } = finishing
  const fault: LocalFault | null =
    missing ?? (problem?.field === undefined ? null : { field: problem.field, detail: problem.detail })
  const onFinish = (wanted: Finish) => {
    const lacks = missingIn(draft)
    setMissing(lacks)
    setAct(wanted)
    if (lacks === null) perform(wanted)
    else onGo(stepOfField(lacks.field))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const next = WIZARD_STEPS[WIZARD_STEPS.indexOf(step) + 1]
    if (next === undefined) onFinish(choices.needsApproval || !mayStart ? 'submit' : 'start')
    else onGo(next)
  }
  const Part = PARTS[step]
  const part: WizardPartProps = {
    draft,
    choices,
    wizard,
    faultAt: (field) => (fault !== null && fault.field.startsWith(field) ? fault.detail : undefined),
    onChange: (changed) => {
      setMissing(null)
      if (finish.isError) finish.reset()
      change(changed)
    },
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <WizardStepBar step={step} onGo={onGo} />
        <Card withBorder>
          <Stack>
            <StepTitle key={step} step={step} />
            <Part {...part} />
          </Stack>
        </Card>
        <Refusal finishing={finishing} stored={draft.stored} onOver={() => perform(act, true)} />
        <Foot
          step={step}
          needsApproval={choices.needsApproval}
          isPending={finish.isPending}
          onGo={onGo}
          onFinish={onFinish}
        />
      </Stack>
    </form>
  )
}
