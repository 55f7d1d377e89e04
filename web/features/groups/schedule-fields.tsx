import { Checkbox, Group, Input, NumberInput, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { type PostSchedule, useWeekday } from './use-schedule-text.ts'

const KINDS = ['daily', 'weekly', 'every'] as const

const FRESH: Readonly<Record<PostSchedule['kind'], PostSchedule>> = {
  daily: { kind: 'daily', times: ['09:00'] },
  weekly: { kind: 'weekly', weekdays: [1, 2, 3, 4, 5], times: ['09:00'] },
  every: { kind: 'every', hours: 6 },
}

interface ScheduleFieldsProps {
  readonly schedule: PostSchedule
  readonly error: string | undefined
  readonly onChange: (schedule: PostSchedule) => void
}

/** Daily, on weekdays, or every so many hours; times are of the business's clock. */
export const ScheduleFields = ({ schedule, error, onChange }: ScheduleFieldsProps) => {
  const { t } = useTranslation()
  const weekday = useWeekday()
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t('posts.when')}
        value={schedule.kind}
        onChange={(value) => onChange(FRESH[KINDS.find((kind) => kind === value) ?? 'daily'])}
        data={KINDS.map((value) => ({ value, label: t(`posts.kind.${value}`) }))}
      />
      {schedule.kind === 'weekly' && (
        <Checkbox.Group
          label={t('posts.weekdays')}
          value={schedule.weekdays.map(String)}
          onChange={(days) => onChange({ ...schedule, weekdays: days.map(Number) })}
        >
          <Group gap="sm" mt="xs">
            {[1, 2, 3, 4, 5, 6, 7].map((day) => (
              <Checkbox key={day} value={String(day)} label={weekday(day)} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
      {schedule.kind === 'every' ? (
        <NumberInput
          label={t('posts.hours')}
          value={schedule.hours}
          onChange={(value) => onChange({ kind: 'every', hours: Number(value) })}
          min={1}
          max={168}
          allowDecimal={false}
        />
      ) : (
        <TextInput
          label={t('posts.times')}
          description={t('posts.timesHint')}
          value={schedule.times.join(' ')}
          onChange={(event) => onChange({ ...schedule, times: event.currentTarget.value.split(' ') })}
          dir="ltr"
          required
        />
      )}
      {error !== undefined && <Input.Error>{error}</Input.Error>}
    </Stack>
  )
}
