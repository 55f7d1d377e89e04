import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../api/client.ts'
import { api, query } from '../api/queries.ts'
import { useMay } from '../api/session.tsx'
import { t } from './language.ts'
import { Fault, Waiting } from './parts.tsx'
import { feel, payInvoice } from './telegram.ts'
import { useFormats } from './use-formats.ts'

type Billing = RouteOutput<typeof contract.billing.get>
type PackageName = Billing['subscription']['package']
type Usage = Billing['usage'][number]

/** A payment takes a moment to arrive here after Telegram took it. */
const LOOK_AGAIN_MS = 5_000

const UsageLine = ({ usage: { name, used, limit } }: { usage: Usage }) => {
  const { number } = useFormats()
  const label = t(`words:entitlement.${name}`)
  return (
    <li>
      <span className="row">
        <span>{label}</span>
        <span>
          {limit === null
            ? t('package.noLimit', { used: number(used) })
            : t('package.usedOf', { used: number(used), limit: number(limit) })}
        </span>
      </span>
      {limit !== null && limit > 0 && (
        <progress aria-label={label} max={limit} value={Math.min(used, limit)}>
          {number(used)}
        </progress>
      )}
    </li>
  )
}

/** Orders one more period and lays its invoice in Stars before the person. */
const useStars = () => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (name: PackageName) => {
      const { payUrl } = await call(api.billing.order, { body: { package: name, provider: 'stars' } })
      const status = payUrl === null ? 'failed' : await payInvoice(payUrl)
      return { payUrl, status }
    },
    onSuccess: ({ status }) => {
      if (status === 'paid') feel('success')
      if (status === 'failed') feel('error')
      return queries.invalidateQueries()
    },
    onError: () => feel('error'),
  })
}

const Renewal = ({ name }: { name: PackageName }) => {
  const { number, day } = useFormats()
  const preview = useQuery(query(api.billing.preview, { query: { package: name } }))
  const stars = useStars()
  if (preview.isPending) return <Waiting count={1} />
  if (preview.isError) return <Fault error={preview.error} onRetry={() => void preview.refetch()} />
  const price = preview.data.prices.find(({ provider }) => provider === 'stars')
  if (!price) return <p className="soft">{t('package.noStars')}</p>
  const { status, payUrl } = stars.data ?? {}
  return (
    <div className="card">
      <p>{t('package.until', { day: day(preview.data.endsAt) })}</p>
      {stars.isError && <Fault error={stars.error} />}
      <output>{status !== undefined && status !== null && t(`package.invoice.${status}`)}</output>
      <button type="button" className="main wide" disabled={stars.isPending} onClick={() => stars.mutate(name)}>
        {t('package.pay', { amount: number(price.amountMinor) })}
      </button>
      {status === null && payUrl !== null && payUrl !== undefined && (
        <p>
          <a href={payUrl}>{t('package.openInvoice')}</a>
        </p>
      )}
    </div>
  )
}

/** M4: what one has, how much of it is used, and one more period for Stars. */
export const Package = () => {
  const { instant } = useFormats()
  const mayPay = useMay('billing.pay')
  const billing = useQuery({ ...query(api.billing.get, {}), refetchInterval: LOOK_AGAIN_MS })
  const [chosen, choose] = useState<PackageName | null>(null)
  if (billing.isPending) return <Waiting />
  if (billing.isError) return <Fault error={billing.error} onRetry={() => void billing.refetch()} />
  const { subscription, usage, packages, ways } = billing.data
  const sold = packages.filter(({ priceMinor }) => priceMinor !== null).map(({ package: name }) => name)
  const wanted = chosen ?? (sold.includes(subscription.package) ? subscription.package : sold[0])
  return (
    <>
      <h1>{t(`words:package.${subscription.package}`)}</h1>
      <p className="soft">
        {t(`words:subscriptionState.${subscription.state}`)}
        {subscription.periodEndsAt !== null && ` · ${t('package.ends', { at: instant(subscription.periodEndsAt) })}`}
      </p>
      <h2>{t('package.usage')}</h2>
      <ul className="card usage">
        {usage.map((row) => (
          <UsageLine key={row.name} usage={row} />
        ))}
      </ul>
      {mayPay && ways.includes('stars') && wanted !== undefined && (
        <>
          <h2>{t(wanted === subscription.package ? 'package.renew' : 'package.change')}</h2>
          <label>
            {t('package.which')}
            <select
              value={wanted}
              onChange={({ currentTarget }) => choose(sold.find((name) => name === currentTarget.value) ?? null)}
            >
              {sold.map((name) => (
                <option key={name} value={name}>
                  {t(`words:package.${name}`)}
                </option>
              ))}
            </select>
          </label>
          <Renewal key={wanted} name={wanted} />
        </>
      )}
    </>
  )
}
