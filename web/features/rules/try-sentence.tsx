import { Badge, Card, Checkbox, Group, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core'
import { useComputedColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteInput, RouteOutput } from '#contract/route.ts'
import { RULE_SCOPES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'

const TYPING_MS = 300

type Trial = RouteInput<typeof api.rules.try>['body']
type Verdict = RouteOutput<typeof api.rules.try>['verdicts'][number]

/** What the account's rules, and a draft, would make of something; asked once nobody types for a moment. */
export const useTrial = (trial: Trial) => {
  const [body] = useDebouncedValue(trial, TYPING_MS)
  const trialled = useQuery({
    queryKey: [api.rules.try.path, body],
    queryFn: ({ signal }) => call(api.rules.try, { body }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  })
  // What was said of another sentence says nothing of this one.
  const isOfThis = trialled.isSuccess && !trialled.isPlaceholderData && body.text === trial.text
  return {
    error: trialled.error,
    draft: trialled.data?.draft ?? null,
    verdicts: isOfThis ? trialled.data.verdicts : null,
  }
}

/** What each rule would do, in the order they are asked, and what would be answered. */
export const Verdicts = ({ verdicts }: { verdicts: readonly Verdict[] }) => {
  const { t } = useTranslation()
  const scheme = useComputedColorScheme('light')
  const fires = verdicts.filter(({ outcome }) => outcome === 'fires')
  return (
    <Stack gap="xs" aria-live="polite" data-testid="verdicts">
      <Text fw={600}>{t(fires.length === 0 ? 'rules.noneFires' : 'rules.firing')}</Text>
      {fires.map(({ id, name, answer }) => (
        <Stack key={id ?? 'draft'} gap={4} data-fires={id ?? 'draft'}>
          <Text size="sm">
            <bdi>{name || t('rules.thisOne')}</bdi>
          </Text>
          {answer && <TelegramBubble text={answer.text} scheme={scheme} buttons={answer.buttons} />}
        </Stack>
      ))}
      {verdicts.map(({ id, name, outcome }) =>
        outcome === 'fires' ? null : (
          <Group key={id ?? 'draft'} gap="xs">
            <Text size="sm" c="dimmed">
              <bdi>{name || t('rules.thisOne')}</bdi>
            </Text>
            <Badge variant="default">{t(`words:ruleOutcome.${outcome}`)}</Badge>
          </Group>
        ),
      )}
    </Stack>
  )
}

interface SentenceProps {
  readonly text: string
  readonly isFirst: boolean
  readonly onChange: (part: { text?: string; isFirst?: boolean }) => void
}

/** Where the sentence to try is written. */
export const Sentence = ({ text, isFirst, onChange }: SentenceProps) => {
  const { t } = useTranslation()
  return (
    <>
      <TextInput
        label={t('rules.sentence')}
        placeholder={t('rules.sentenceHint')}
        value={text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        maxLength={4_096}
        dir="auto"
      />
      <Checkbox
        label={t('rules.isFirst')}
        checked={isFirst}
        onChange={(event) => onChange({ isFirst: event.currentTarget.checked })}
      />
    </>
  )
}

/** Which of an account's rules would answer a sentence; sends nothing. */
export const TrySentence = ({ accountId }: { accountId: number }) => {
  const { t } = useTranslation()
  const [place, setPlace] = useState<(typeof RULE_SCOPES)[number]>('private')
  const [said, say] = useState({ text: '', isFirst: false })
  const trial = useTrial({ accountId, ...said, place, isAddressed: true })
  return (
    <Card withBorder component="section" aria-label={t('rules.try')}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('rules.try')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('rules.tryText')}
        </Text>
        <SegmentedControl
          aria-label={t('rules.place')}
          value={place}
          onChange={(value) => setPlace(value === 'group' ? 'group' : 'private')}
          data={RULE_SCOPES.map((value) => ({ value, label: t(`rules.scope.${value}`) }))}
        />
        <Sentence {...said} onChange={(part) => say((before) => ({ ...before, ...part }))} />
        {said.text.trim() !== '' && trial.verdicts && <Verdicts verdicts={trial.verdicts} />}
        {trial.error && <Text c="var(--mantine-color-error)">{trial.error.message}</Text>}
      </Stack>
    </Card>
  )
}
