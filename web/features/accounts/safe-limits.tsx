import { Button, NumberInput, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { OWN_LIMITS, SPAM_LEVELS } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type Limits = RouteOutput<typeof contract.accounts.limits>
type Own = Limits['own']

const LimitsForm = ({ limits }: { limits: Limits }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const queries = useQueryClient()
  const mayEdit = useMay('settings.edit')
  const [level, setLevel] = useState(limits.chosenLevel)
  const [own, setOwn] = useState<Own>(limits.own)
  const save = useMutation({
    mutationFn: () => {
      const changed = OWN_LIMITS.filter((name) => own[name] !== limits.own[name])
      return call(api.accounts.setLimits, {
        body: {
          ...(level !== limits.chosenLevel && { level }),
          limits: Object.fromEntries(changed.map((name) => [name, own[name]])),
        },
      })
    },
    onSuccess: () => {
      notifications.show({ message: t('limits.saved'), color: 'teal.9' })
      return queries.invalidateQueries()
    },
  })
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const isField = OWN_LIMITS.some((name) => name === problem?.field)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const mayTighten = (name: (typeof OWN_LIMITS)[number]) => limits.mayTighten.includes(name)
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Select
          label={t('limits.level')}
          description={t(limits.level === limits.chosenLevel ? 'limits.levelHint' : 'limits.levelHeld', {
            level: t(`words:level.${limits.level}`),
          })}
          data={SPAM_LEVELS.map((value) => ({ value, label: t(`words:level.${value}`) }))}
          value={level}
          onChange={(value) => setLevel(SPAM_LEVELS.find((known) => known === value) ?? level)}
          allowDeselect={false}
          disabled={!mayEdit}
          maw={360}
        />
        <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }}>
          {OWN_LIMITS.map((name) => {
            const ofPackage = limits.ofPackage[name]
            return (
              <NumberInput
                key={name}
                label={t(`limits.${name}`)}
                description={
                  ofPackage === null
                    ? t('limits.noneOfPackage')
                    : t('limits.ofPackage', { value: formats.number(ofPackage) })
                }
                placeholder={t('limits.asPackage')}
                value={own[name] ?? ''}
                onChange={(value) => setOwn((before) => ({ ...before, [name]: value === '' ? null : Number(value) }))}
                min={1}
                allowDecimal={false}
                disabled={!mayEdit || (!mayTighten(name) && level === limits.chosenLevel)}
                error={problem?.field === name ? problem.detail : undefined}
              />
            )
          })}
        </SimpleGrid>
        {save.isError && !isField && <Fault error={save.error} />}
        {mayEdit && (
          <Button type="submit" variant="default" loading={save.isPending} style={{ alignSelf: 'start' }}>
            {t('limits.save')}
          </Button>
        )}
      </Stack>
    </form>
  )
}

/** Limits that the tenant holds tighter than its package does; none can be loosened here. */
export const SafeLimits = () => {
  const { t } = useTranslation()
  const limits = useQuery(query(api.accounts.limits, {}))
  return (
    <Stack gap="xs" component="section" aria-labelledby="limits">
      <Title order={2} size="h5" id="limits">
        {t('limits.title')}
      </Title>
      <Text c="dimmed" size="sm">
        {t('limits.text')}
      </Text>
      {limits.isPending && <Rows count={2} />}
      {limits.isError && <Fault error={limits.error} onRetry={() => void limits.refetch()} />}
      {limits.isSuccess && <LimitsForm key={JSON.stringify(limits.data)} limits={limits.data} />}
    </Stack>
  )
}
