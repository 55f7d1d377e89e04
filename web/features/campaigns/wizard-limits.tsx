import { NumberInput, Stack, Switch, Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ForecastFigures } from './forecast-figures.tsx'
import { useForecast } from './use-forecast.ts'
import type { WizardPartProps } from './wizard-part.ts'

/** What holds the campaign back, when the last message would leave, and who gets nothing so that the effect shows. */
export const WizardLimits = ({ draft, faultAt, onChange }: WizardPartProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const forecast = useForecast(draft, { withMessage: true })
  const limitText = (limit: number | null) => (limit === null ? t('wizard.noLimit') : formats.number(limit))
  return (
    <Stack>
      <NumberInput
        label={t('wizard.holdout')}
        description={t('wizard.holdoutHint')}
        value={draft.holdoutPercent}
        onChange={(value) => onChange({ holdoutPercent: Number(value) })}
        min={0}
        max={99}
        allowDecimal={false}
        suffix=" %"
        error={faultAt('holdoutRatio')}
        maw={320}
      />
      {draft.kind === 'drip' && (
        <Switch
          label={t('wizard.lateJoiners')}
          checked={draft.takesLateJoiners}
          onChange={(event) => onChange({ takesLateJoiners: event.currentTarget.checked })}
        />
      )}
      {draft.kind === 'announcement' && (
        <>
          <Switch
            label={t('wizard.pins')}
            checked={draft.pins}
            onChange={(event) => onChange({ pins: event.currentTarget.checked })}
          />
          <NumberInput
            label={t('wizard.bestChats')}
            description={t('wizard.bestChatsHint')}
            value={draft.bestChats ?? ''}
            onChange={(value) => onChange({ bestChats: value === '' ? null : Number(value) })}
            min={1}
            allowDecimal={false}
            error={faultAt('bestChats')}
            maw={320}
          />
        </>
      )}
      {forecast.isPending && <Rows count={4} />}
      {forecast.isError && <Fault error={forecast.error} onRetry={() => void forecast.refetch()} />}
      {forecast.isSuccess && (
        <>
          <ForecastFigures forecast={forecast.data} />
          <Table
            maw={480}
            data={{
              caption: t('wizard.limitsCaption', {
                today: formats.number(forecast.data.limits.usedToday),
                month: formats.number(forecast.data.limits.usedThisMonth),
              }),
              body: (['perMinuteMax', 'outreachDailyMax', 'dailyMessagesMax', 'monthlyMessagesMax'] as const).map(
                (name) => [t(`wizard.${name}`), limitText(forecast.data.limits[name])],
              ),
            }}
          />
        </>
      )}
    </Stack>
  )
}
