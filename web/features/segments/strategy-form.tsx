import { Button, Checkbox, NumberInput, Select, SimpleGrid, Stack, Switch } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { MESSAGE_STYLES } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import type { Strategy } from './strategy-text.ts'

const NUMBERS = ['maxPerDay', 'cooldownHours', 'everyHours', 'priority'] as const
const FIELDS: readonly string[] = [...NUMBERS, 'hours', 'style', 'enabled']
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

/** The fields of one strategy. What the server holds to be out of bounds is said at its field. */
export const StrategyForm = ({ strategy }: { strategy: Strategy }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(strategy)
  const change = (part: Partial<Strategy>) => setDraft((before) => ({ ...before, ...part }))
  const save = useMutation({
    mutationFn: () => {
      const { segment, enabled, priority, everyHours, maxPerDay, cooldownHours, hours, style } = draft
      const settings = { enabled, priority, everyHours, maxPerDay, cooldownHours, hours, style }
      return call(api.strategies.set, {
        params: { segment },
        body: { ...settings, expectedVersion: strategy.version },
      })
    },
    onSuccess: () => {
      notifications.show({ message: t('segments.saved'), color: 'teal.9' })
      return queries.invalidateQueries()
    },
  })
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const faultOf = (field: string) => (problem?.field === field ? problem.detail : undefined)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Switch
          label={t('segments.enabled')}
          checked={draft.enabled}
          onChange={(event) => change({ enabled: event.currentTarget.checked })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {NUMBERS.map((name) => (
            <NumberInput
              key={name}
              label={t(`segments.${name}`)}
              description={t(`segments.${name}Hint`)}
              value={draft[name]}
              onChange={(value) => change({ [name]: Number(value) })}
              allowDecimal={false}
              error={faultOf(name)}
            />
          ))}
        </SimpleGrid>
        <Checkbox.Group
          label={t('segments.hours')}
          description={t('segments.hoursHint')}
          value={draft.hours.map(String)}
          onChange={(hours) => change({ hours: hours.map(Number).toSorted((a, b) => a - b) })}
          error={faultOf('hours')}
        >
          <SimpleGrid cols={{ base: 4, sm: 8 }} mt="xs" spacing="xs">
            {HOURS.map((hour) => (
              <Checkbox key={hour} value={String(hour)} label={`${hour}:00`} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <Select
          label={t('segments.style')}
          data={MESSAGE_STYLES.map((value) => ({ value, label: t(`words:style.${value}`) }))}
          value={draft.style}
          onChange={(value) => change({ style: MESSAGE_STYLES.find((style) => style === value) ?? draft.style })}
          allowDeselect={false}
          error={faultOf('style')}
        />
        {save.isError && !FIELDS.includes(problem?.field ?? '') && <Fault error={save.error} />}
        <Button type="submit" loading={save.isPending} style={{ alignSelf: 'start' }}>
          {t('segments.save')}
        </Button>
      </Stack>
    </form>
  )
}
