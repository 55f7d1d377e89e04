import { Card, Stack, Text, Title, useComputedColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { useLanguageName } from '../../lib/use-language-name.ts'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import type { RuleDraft } from './rule-draft.ts'
import { Sentence, Verdicts, type useTrial } from './try-sentence.tsx'

interface RuleTrialProps {
  readonly draft: RuleDraft
  readonly trial: ReturnType<typeof useTrial>
  readonly said: { readonly text: string; readonly isFirst: boolean }
  readonly onSay: (part: { text?: string; isFirst?: boolean }) => void
}

/** What people would read of the rule as it stands in the form, and what it would make of a sentence. */
export const RuleTrial = ({ draft, trial, said, onSay }: RuleTrialProps) => {
  const { t } = useTranslation()
  const scheme = useComputedColorScheme('light')
  const languageName = useLanguageName()
  const isAboutMembers = draft.trigger.kind === 'join' || draft.trigger.kind === 'leave'
  const answers = trial.error ? [] : (trial.draft?.answers ?? [])
  return (
    <Stack>
      <Card withBorder component="section" aria-label={t('rules.try')}>
        <Stack gap="sm">
          <Title order={2} size="h5">
            {t('rules.try')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('rules.tryDraft')}
          </Text>
          {!isAboutMembers && <Sentence {...said} onChange={onSay} />}
          {trial.error && (
            <Text size="sm" c="dimmed" aria-live="polite">
              {t('rules.notYet', { why: trial.error.message })}
            </Text>
          )}
          {trial.verdicts && (isAboutMembers || said.text.trim() !== '') && <Verdicts verdicts={trial.verdicts} />}
        </Stack>
      </Card>
      {answers.length > 0 && (
        <Card withBorder component="section" aria-label={t('rules.preview')}>
          <Stack gap="sm">
            <Title order={2} size="h5">
              {t('rules.preview')}
            </Title>
            {answers.map(({ locale, text, buttons }) => (
              <Stack key={locale} gap={4}>
                <Text size="sm" c="dimmed">
                  {languageName(locale)}
                </Text>
                <TelegramBubble text={text.trim()} scheme={scheme} buttons={buttons} empty={t('rules.emptyText')} />
              </Stack>
            ))}
          </Stack>
        </Card>
      )}
    </Stack>
  )
}
