import {
  Alert,
  Anchor,
  Button,
  Card,
  Fieldset,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  useComputedColorScheme,
} from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import type { StepDraft, WizardDraft } from './wizard-draft.ts'
import type { WizardPartProps } from './wizard-part.ts'

type Template = RouteOutput<typeof contract.templates.get>

const PAGE = 200

/** May this message carry a campaign of this kind? Advertising needs the class that asks for consent. */
const fits = ({ messageClass, state }: Template, kind: WizardDraft['kind']): boolean =>
  state !== 'archived' && (kind === 'promo' ? messageClass === 'commercial' : messageClass !== 'reply')

/** How the versions of a message look to one of the people, each with its share. */
const Looks = ({ template }: { template: Template }) => {
  const { t, i18n } = useTranslation()
  const scheme = useComputedColorScheme('light')
  const { messageClass, slotBriefs, variants } = template
  const preview = useQuery({
    queryKey: [api.templates.preview.path, { messageClass, slotBriefs, variants }],
    queryFn: ({ signal }) => call(api.templates.preview, { body: { messageClass, slotBriefs, variants } }, signal),
  })
  if (preview.isPending) return <Rows count={2} />
  if (preview.isError) return <Fault error={preview.error} onRetry={() => void preview.refetch()} />
  const ratio = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  const arms = [
    ...new Map(variants.filter(({ weight }) => weight > 0).map((wording) => [wording.name, wording])).values(),
  ]
  const total = arms.reduce((sum, { weight }) => sum + weight, 0)
  const [person] = preview.data.people
  return (
    <Stack gap="xs">
      {arms.map(({ name, weight }) => {
        const sample = preview.data.samples.find(
          ({ contactId, variant }) => variant === name && contactId === (person?.contactId ?? null),
        )
        if (sample === undefined) return null
        return (
          <Stack key={name} gap={4} maw={480}>
            {arms.length > 1 && (
              <Text size="sm" c="dimmed">
                {t('wizard.version', { name: name.toUpperCase(), share: ratio.format(weight / total) })}
              </Text>
            )}
            <TelegramBubble text={sample.text.trim()} scheme={scheme} buttons={sample.buttons} />
          </Stack>
        )
      })}
    </Stack>
  )
}

/** A message that may not leave yet, and what lets it. */
const Unapproved = ({ template }: { template: Template }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayApprove = useMay('templates.approve')
  const approve = useMutation({
    mutationFn: () => call(api.templates.approve, { params: { id: template.id } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Alert color="yellow">
      <Stack align="start" gap="xs">
        {t(mayApprove ? 'wizard.notApproved' : 'wizard.notApprovedAsk')}
        {mayApprove && (
          <Button variant="default" loading={approve.isPending} onClick={() => approve.mutate()}>
            {t('wizard.approve')}
          </Button>
        )}
        {approve.isError && (
          <Text c="var(--mantine-color-error)">
            {approve.error instanceof ApiError ? approve.error.problem.detail : t('state.offline')}
          </Text>
        )}
      </Stack>
    </Alert>
  )
}

interface MessageStepProps extends WizardPartProps {
  readonly step: StepDraft
  readonly index: number
  readonly templates: readonly Template[]
}

const MessageStep = ({ step, index, templates, draft, wizard, faultAt, onChange }: MessageStepProps) => {
  const { t } = useTranslation()
  const template = templates.find(({ id }) => id === step.templateId)
  const put = (part: Partial<StepDraft>) =>
    onChange({ steps: draft.steps.map((other, i) => (i === index ? { ...other, ...part } : other)) })
  return (
    <Stack gap="sm">
      <Select
        label={t('wizard.template')}
        placeholder={t('wizard.choose')}
        data={templates
          .filter((candidate) => fits(candidate, draft.kind))
          .map(({ id, name, state }) => ({
            value: String(id),
            label: state === 'approved' ? name : `${name} (${t(`words:templateState.${state}`)})`,
          }))}
        value={step.templateId === null ? null : String(step.templateId)}
        onChange={(id) => put({ templateId: id === null ? null : Number(id) })}
        searchable
        allowDeselect={false}
        error={faultAt(`steps[${index}].templateId`)}
      />
      {draft.kind === 'drip' && (
        <NumberInput
          label={t('wizard.afterHours')}
          description={t('wizard.afterHoursHint')}
          value={step.afterHours}
          onChange={(value) => put({ afterHours: Number(value) })}
          min={0}
          allowDecimal={false}
          error={faultAt(`steps[${index}].afterHours`)}
          maw={260}
        />
      )}
      {template !== undefined && (
        <>
          {template.state === 'draft' && <Unapproved template={template} />}
          <Looks template={template} />
          <Anchor
            renderRoot={(props) => (
              <Link to="/templates/$id" params={{ id: String(template.id) }} search={{ campaign: wizard }} {...props} />
            )}
            size="sm"
          >
            {t('wizard.changeMessage')}
          </Anchor>
        </>
      )}
    </Stack>
  )
}

/** What people get: one message, or of a drip several one after another. */
export const WizardMessage = (props: WizardPartProps) => {
  const { draft, wizard, onChange } = props
  const { t } = useTranslation()
  const mayWrite = useMay('templates.edit')
  const list = useQuery(query(api.templates.list, { query: { limit: PAGE } }))
  if (list.isPending) return <Rows count={3} />
  if (list.isError) return <Fault error={list.error} onRetry={() => void list.refetch()} />
  const templates = list.data.items
  const isDrip = draft.kind === 'drip'
  const last = draft.steps.at(-1)?.afterHours ?? 0
  return (
    <Stack>
      {draft.kind === 'promo' && <Text c="dimmed">{t('wizard.promoMessage')}</Text>}
      {draft.steps.map((step, index) =>
        isDrip ? (
          <Fieldset key={index} legend={t('wizard.stepNumber', { number: index + 1 })}>
            <MessageStep {...props} step={step} index={index} templates={templates} />
            {draft.steps.length > 1 && (
              <Button
                mt="sm"
                size="compact-sm"
                variant="default"
                onClick={() => onChange({ steps: draft.steps.filter((_, i) => i !== index) })}
              >
                {t('wizard.removeStep')}
              </Button>
            )}
          </Fieldset>
        ) : (
          <Card key={index} withBorder>
            <MessageStep {...props} step={step} index={index} templates={templates} />
          </Card>
        ),
      )}
      <Group>
        {isDrip && (
          <Button
            variant="default"
            onClick={() => onChange({ steps: [...draft.steps, { templateId: null, afterHours: last + 24 }] })}
          >
            {t('wizard.addStep')}
          </Button>
        )}
        {mayWrite && (
          <Anchor renderRoot={(props) => <Link to="/templates/new" search={{ campaign: wizard }} {...props} />}>
            {t('wizard.writeMessage')}
          </Anchor>
        )}
      </Group>
    </Stack>
  )
}
