import { Button, SegmentedControl, Stack, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { PaymentCard } from './payment-card.tsx'

const screen = getRouteApi('/installation/payments')
const LOOK_AGAIN_MS = 15_000
const WHICH = ['waiting', 'all'] as const

/** Payments that wait for a decision, with what speaks for each; or all there were. */
export const Payments = () => {
  const { t } = useTranslation()
  const { which = 'waiting' } = screen.useSearch()
  const navigate = screen.useNavigate()
  const pages = useInfiniteQuery({
    queryKey: [api.paymentQueue.list.path, which],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.paymentQueue.list, { query: { which, ...(pageParam !== null && { cursor: pageParam }) } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.payments')}
      </Title>
      <SegmentedControl
        aria-label={t('installation.which')}
        value={which}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, which: WHICH.find((known) => known === value) }),
            replace: true,
          })
        }
        data={WHICH.map((value) => ({ value, label: t(`installation.which_${value}`) }))}
        style={{ alignSelf: 'flex-start' }}
      />
      {pages.isPending && <Rows count={3} />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState title={t('installation.noPayments')} next={t('installation.noPaymentsNext')} />
      )}
      {rows.map((payment) => (
        <PaymentCard key={payment.id} payment={payment} />
      ))}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('installation.more')}
        </Button>
      )}
    </Stack>
  )
}
