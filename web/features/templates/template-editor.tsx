import { Anchor, Button, Card, Grid, Group, Stack, Text, Title } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { findingsOf, refusalOf } from './faults.ts'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { TemplateOvertaken } from './overtaken.tsx'
import { PreviewPane } from './preview-pane.tsx'
import { ArchiveButton, TrySending, useMayTry } from './template-actions.tsx'
import type { Template, TemplateDraft, Wording } from './template-draft.ts'
import { SlotFields, TemplateFields } from './template-fields.tsx'
import { TemplateState } from './template-state.tsx'
import { usePreview } from './use-preview.ts'
import { useSaving } from './use-saving.ts'
import { WordingTabs } from './wording-tabs.tsx'

interface TemplateEditorProps {
  readonly initial: TemplateDraft
  readonly stored: Template | null
  /** The campaign that waits for this message. */
  readonly campaign: string | undefined
}

type Saving = ReturnType<typeof useSaving>

interface BesideProps {
  readonly saving: Saving
  readonly wording: Wording
  readonly preview: ReturnType<typeof usePreview>
}

/** The way back into the campaign that is being made, with this message. */
const BackToCampaign = ({ campaign, id }: { campaign: string; id: number | undefined }) => {
  const { t } = useTranslation()
  const [how = 'new', number] = campaign.split('-')
  return (
    <Anchor
      renderRoot={(props) => (
        <Link
          to="/campaigns/new"
          search={{
            step: 'message',
            ...(number !== undefined && { [how]: Number(number) }),
            ...(id !== undefined && { template: id }),
          }}
          {...props}
        />
      )}
      size="sm"
    >
      {t('templates.backToCampaign')}
    </Anchor>
  )
}

const Heading = ({ saving, campaign }: { saving: Saving; campaign: string | undefined }) => {
  const { t } = useTranslation()
  const { saved, draft } = saving
  return (
    <Stack gap={4}>
      <Group gap="md">
        <Anchor component={Link} to="/templates" size="sm">
          {t('templates.back')}
        </Anchor>
        {campaign !== undefined && <BackToCampaign campaign={campaign} id={saved?.id} />}
      </Group>
      <Group gap="sm">
        <Title order={1} size="h3">
          {saved === null ? t('templates.newTitle') : <bdi>{saved.name || draft.name}</bdi>}
        </Title>
        {saved !== null && <TemplateState state={saved.state} />}
      </Group>
      {saved?.draftedBy !== null && saved?.draftedBy !== undefined && (
        <Text size="sm" c="dimmed">
          {t('templates.draftedBy', { model: saved.draftedBy })}
        </Text>
      )}
    </Stack>
  )
}

/** Saving, approving, trying, archiving: what may be done with what stands here. */
const Actions = ({ saving, onSave }: { saving: Saving; onSave: (thenApprove: boolean) => void }) => {
  const { t } = useTranslation()
  const { saved, isChanged, save } = saving
  const [mayEdit, mayApprove] = [useMay('templates.edit'), useMay('templates.approve')]
  const isLive = saved?.state === 'approved'
  const maySave = mayEdit && (!isLive || mayApprove) && saved?.state !== 'archived'
  if (!maySave) return null
  return (
    <Group>
      <Button type="submit" loading={save.isPending} disabled={saved !== null && !isChanged && isLive}>
        {t(isLive || !mayApprove ? 'templates.save' : 'templates.saveAndApprove')}
      </Button>
      {!isLive && mayApprove && (
        <Button
          variant="default"
          loading={save.isPending}
          disabled={saved !== null && !isChanged}
          onClick={() => onSave(false)}
        >
          {t('templates.saveDraft')}
        </Button>
      )}
      {saved !== null && <ArchiveButton template={saved} onChanged={saving.take} />}
      <Text size="sm" c="dimmed" aria-live="polite">
        {isChanged && t('templates.unsaved')}
      </Text>
    </Group>
  )
}

/** What people would see, and a way to see it oneself once it is saved. */
const Beside = ({ saving, wording, preview }: BesideProps) => {
  const { saved, isChanged } = saving
  const mayTry = useMayTry()
  return (
    <Stack>
      {preview.isPending && <Rows count={4} />}
      {preview.isError && <Fault error={preview.error} onRetry={() => void preview.refetch()} />}
      {preview.data && <PreviewPane preview={preview.data} wording={wording} />}
      {mayTry && saved !== null && !isChanged && saved.state !== 'archived' && (
        <TrySending template={saved} wording={wording} />
      )}
    </Stack>
  )
}

/** That something was refused; what exactly stands at its field, where it has one. */
const Refused = ({ error, isAtField }: { error: Error; isAtField: boolean }) => {
  const { t } = useTranslation()
  if (!isAtField) return <Fault error={error} />
  return (
    <Text c="var(--mantine-color-error)" role="alert">
      {t('templates.lookAbove')}
    </Text>
  )
}

/** A message in the making: its wordings beside what people would see of them. */
export const TemplateEditor = ({ initial, stored, campaign }: TemplateEditorProps) => {
  const navigate = useNavigate()
  const saving = useSaving(initial, stored, ({ id }) => {
    if (stored === null)
      void navigate({
        to: '/templates/$id',
        params: { id: String(id) },
        search: { campaign, tenant: undefined },
        replace: true,
      })
  })
  const { draft, saved, save, problem, change, isUnsaved, take } = saving
  const [chosen, choose] = useState(0)
  const preview = usePreview(draft)
  const mayApprove = useMay('templates.approve')
  const wording = draft.variants[chosen]
  const refusal = refusalOf(draft, problem)
  const isOvertaken = problem?.code === 'template_moved_on'
  const faults = [...(refusal ? [refusal] : []), ...(preview.data ? findingsOf(draft, preview.data) : [])]
  const whole = faults.filter(({ field }) => field === 'variants')
  const isAtField = refusal !== null && /^(?:name|messageClass|style|slotBriefs|variants)/.test(refusal.field)
  const onSave = (thenApprove: boolean) => !save.isPending && save.mutate({ thenApprove })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSave(mayApprove && saved?.state !== 'approved')
  }
  return (
    <form onSubmit={submit} noValidate>
      <LeaveGuard isUnsaved={isUnsaved} />
      <Stack>
        <Heading saving={saving} campaign={campaign} />
        {isOvertaken && saved !== null && (
          <TemplateOvertaken
            id={saved.id}
            detail={problem.detail}
            onKeep={(theirs) => save.mutate({ thenApprove: false, over: theirs })}
            onTake={(theirs) => {
              save.reset()
              choose(0)
              take(theirs)
            }}
          />
        )}
        <TemplateFields draft={draft} faults={faults} isClassFixed={saved?.approvedAt != null} onChange={change} />
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Card withBorder>
              <WordingTabs
                variants={draft.variants}
                chosen={chosen}
                faults={faults}
                onChoose={choose}
                onChange={(variants) => change({ variants })}
              />
            </Card>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            {wording && <Beside saving={saving} wording={wording} preview={preview} />}
          </Grid.Col>
        </Grid>
        <SlotFields draft={draft} faults={faults} onChange={change} />
        {whole.map(({ detail }) => (
          <Text key={detail} c="var(--mantine-color-error)">
            {detail}
          </Text>
        ))}
        {save.isError && !isOvertaken && <Refused error={save.error} isAtField={isAtField} />}
        <Actions saving={saving} onSave={onSave} />
      </Stack>
    </form>
  )
}
