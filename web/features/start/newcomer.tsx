import { Anchor, Button, Card, Group, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { PackageName } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useFormats } from '../../lib/formats.ts'
import { isolated } from '../../lib/isolated.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

const NAME_MAX = 50

type Offer = RouteOutput<typeof contract.start.newcomer>['offers'][number]

interface OfferProps {
  readonly offer: Offer
  readonly isFirst: boolean
  /** The package that is being chosen at the moment. */
  readonly chosen: PackageName | null
  readonly onChoose: () => void
}

const OfferCard = ({ offer, isFirst, chosen, onChoose }: OfferProps) => {
  const { t } = useTranslation()
  const formats = useFormats('UTC')
  const { package: name, priceMinor, currency, days, accounts } = offer
  const title = t(`words:package.${name}`)
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Title order={2} size="h5">
            {title}
          </Title>
          <Text fw={650}>
            {priceMinor === 0
              ? t('start.free', { count: days })
              : t('billing.price', { price: isolated(formats.money(priceMinor, currency)), count: days })}
          </Text>
          <Text size="sm">
            {t('words:entitlement.accounts')}: {accounts === null ? t('usage.unlimited') : formats.number(accounts)}
          </Text>
        </div>
        <Button
          variant={isFirst ? 'filled' : 'default'}
          aria-label={t('billing.chooseOf', { package: title })}
          loading={chosen === name}
          disabled={chosen !== null}
          onClick={onChoose}
        >
          {t('billing.choose')}
        </Button>
      </Stack>
    </Card>
  )
}

/** Somebody without a business chooses a package for one; where that is not possible, who can help is said. */
export const Newcomer = () => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const newcomer = useQuery(query(api.start.newcomer, {}))
  const begin = useMutation({
    mutationFn: (chosen: PackageName) =>
      call(api.start.begin, { body: { package: chosen, ...(name.trim() !== '' && { name: name.trim() }) } }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      await navigate({ to: '/start', search: { tenant: undefined } })
    },
  })
  if (newcomer.isPending) return <Rows />
  if (newcomer.isError) return <Fault error={newcomer.error} onRetry={() => void newcomer.refetch()} />
  const { offers, open, panelBot } = newcomer.data
  const bot = panelBot !== null && (
    <Anchor href={`https://t.me/${panelBot}`} target="_blank" rel="noreferrer">
      {t('start.openPanelBot')} <span dir="ltr">@{panelBot}</span>
    </Anchor>
  )
  if (offers.length === 0)
    return (
      <EmptyState title={t('state.noTenant')} next={t('state.noTenantNext')}>
        {bot}
      </EmptyState>
    )
  return (
    <Stack gap="lg" maw={900}>
      <div>
        <Title order={1} size="h3">
          {t('start.welcome')}
        </Title>
        <Text>{t('start.welcomeText')}</Text>
      </div>
      {open === null && (
        <TextInput
          label={t('start.name')}
          description={t('start.nameHint')}
          value={name}
          maxLength={NAME_MAX}
          maw={420}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      {begin.isError && <Fault error={begin.error} />}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        {offers.map((offer, i) => (
          <OfferCard
            key={offer.package}
            offer={offer}
            isFirst={i === 0}
            chosen={begin.isPending ? begin.variables : null}
            onChoose={() => begin.mutate(offer.package)}
          />
        ))}
      </SimpleGrid>
      {panelBot !== null && (
        <Group gap={4}>
          <Text size="sm">{t('start.sameInBot')}</Text>
          {bot}
        </Group>
      )}
    </Stack>
  )
}
