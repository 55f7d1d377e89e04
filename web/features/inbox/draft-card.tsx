import { Badge, Button, Card, Group, List, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Moved } from './moved.tsx'
import type { TalkDraft } from './talk.ts'

type Decision = 'approve' | 'reject' | { readonly text: string }

const decide = (id: number, decision: Decision, isSure: boolean) => {
  const params = { id }
  if (decision === 'reject') return call(api.drafts.reject, { params })
  const sure = isSure ? { isSure } : {}
  return decision === 'approve'
    ? call(api.drafts.approve, { params, body: sure })
    : call(api.drafts.edit, { params, body: { text: decision.text, ...sure } })
}

/** What a model would answer, how sure it is and what was found against it: send it, correct it, or throw it away. */
export const DraftCard = ({ draft }: { draft: TalkDraft }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayReply = useMay('conversations.reply')
  const queries = useQueryClient()
  const [edited, setEdited] = useState<string | null>(null)
  const decided = useMutation({
    mutationFn: ({ decision, isSure = false }: { decision: Decision; isSure?: boolean }) =>
      decide(draft.id, decision, isSure),
    onSettled: () => queries.invalidateQueries(),
  })
  const go = (decision: Decision) => decided.mutate({ decision })
  const isBusy = (what: string) => decided.isPending && decided.variables.decision === what
  return (
    <Card withBorder component="section" aria-label={t('inbox.draft')}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={3} size="h5">
            {t('inbox.draft')}
          </Title>
          <Badge variant="default">{t('inbox.confidence', { ratio: formats.ratio(draft.confidenceRatio) })}</Badge>
        </Group>
        {edited === null ? (
          <Text dir="auto" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {draft.text ?? t('inbox.textGone')}
          </Text>
        ) : (
          <Textarea
            label={t('inbox.corrected')}
            value={edited}
            onChange={(event) => setEdited(event.currentTarget.value)}
            dir="auto"
            autosize
            minRows={2}
            maxRows={8}
          />
        )}
        {draft.findings.length > 0 && (
          <List size="sm">
            {draft.findings.map((finding) => (
              <List.Item key={finding}>{t(`words:answerFinding.${finding}`)}</List.Item>
            ))}
          </List>
        )}
        {!draft.isApprovable && <Text size="sm">{t('inbox.correctFirst')}</Text>}
        <Text size="xs" c="dimmed">
          {t('inbox.draftUntil', { at: formats.instant(draft.expiresAt) })}
        </Text>
        {decided.isError && (
          <Moved
            error={decided.error}
            onSure={() => decided.mutate({ decision: decided.variables.decision, isSure: true })}
          />
        )}
        {mayReply && (
          <Group gap="xs">
            {edited === null && draft.isApprovable && (
              <Button loading={isBusy('approve')} disabled={decided.isPending} onClick={() => go('approve')}>
                {t('inbox.approve')}
              </Button>
            )}
            {edited === null ? (
              <Button variant="default" onClick={() => setEdited(draft.text ?? '')}>
                {t('inbox.edit')}
              </Button>
            ) : (
              <Button loading={decided.isPending} disabled={edited.trim() === ''} onClick={() => go({ text: edited })}>
                {t('inbox.sendCorrected')}
              </Button>
            )}
            <Button variant="default" disabled={decided.isPending} onClick={() => go('reject')}>
              {t('inbox.reject')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
