import { NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { CAMPAIGN_GOALS } from '#contract/words.ts'

import { usePanelSession } from '../../api/session.tsx'
import { useForecast } from './use-forecast.ts'
import type { WizardPartProps } from './wizard-part.ts'

const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

/** When it begins and ends, when nobody is written to, and what it is to bring about. */
export const WizardSchedule = ({ draft, faultAt, onChange }: WizardPartProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const { data } = useForecast(draft, { withMessage: false })
  const isPromo = draft.kind === 'promo'
  // What people order is credited to messages to them, and a post is to nobody in particular.
  const goals = CAMPAIGN_GOALS.filter(
    (kind) => draft.kind !== 'announcement' || (kind !== 'order' && kind !== 'revenue'),
  )
  return (
    <Stack>
      <Text c="dimmed">
        {t('wizard.timeZone', { zone: tenant.timeZone })}
        {data !== undefined && draft.kind !== 'announcement' && (
          <>
            {' '}
            {t('wizard.quietHours', {
              from: hourText(data.limits.quietFromHour),
              to: hourText(data.limits.quietToHour),
            })}
          </>
        )}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          type="datetime-local"
          label={t('wizard.startsAt')}
          description={t('wizard.startsAtHint')}
          value={draft.startsAt}
          onChange={(event) => onChange({ startsAt: event.currentTarget.value })}
          error={faultAt('startsAt')}
        />
        <TextInput
          type="datetime-local"
          label={t('wizard.endsAt')}
          description={t(isPromo ? 'wizard.endsAtNeeded' : 'wizard.endsAtHint')}
          value={draft.endsAt}
          onChange={(event) => onChange({ endsAt: event.currentTarget.value })}
          error={faultAt('endsAt')}
          required={isPromo}
        />
        <Select
          label={t('wizard.goal')}
          placeholder={t('wizard.noGoal')}
          data={goals.map((value) => ({ value, label: t(`words:campaignGoal.${value}`) }))}
          value={draft.goalKind}
          onChange={(value) => onChange({ goalKind: goals.find((known) => known === value) ?? null })}
          clearable
          required={isPromo}
          error={faultAt('goal')}
        />
        {draft.goalKind !== null && (
          <NumberInput
            label={t(draft.goalKind === 'revenue' ? 'wizard.goalMoney' : 'wizard.goalTarget')}
            value={draft.goalTarget}
            onChange={(value) => onChange({ goalTarget: Number(value) })}
            allowDecimal={draft.goalKind === 'revenue'}
            min={1}
            error={faultAt('goal.target')}
          />
        )}
      </SimpleGrid>
      {draft.goalKind !== null && (
        <Switch
          label={t('wizard.goalStops')}
          checked={draft.goalStops}
          onChange={(event) => onChange({ goalStops: event.currentTarget.checked })}
        />
      )}
    </Stack>
  )
}
