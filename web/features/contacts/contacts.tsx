import { Button, Stack, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useDeferredValue, useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ContactFilters } from './contact-filters.tsx'
import { type ContactFilter, PAGE } from './contact-search.ts'
import { ContactTable } from './contact-table.tsx'

const screen = getRouteApi('/contacts')

/** The people of the tenant, last seen first; what the list is narrowed to stands in the address. */
export const Contacts = () => {
  const { t } = useTranslation()
  const { tenant: _shown, ...filter } = screen.useSearch()
  const navigate = screen.useNavigate()
  const narrow = (part: ContactFilter) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const pages = useInfiniteQuery({
    queryKey: [api.contacts.list.path, filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.contacts.list,
        { query: { ...filter, limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  // Rows are drawn in slices: whoever types or scrolls meanwhile is answered.
  const people = useDeferredValue(
    useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]),
    [],
  )
  const isEmpty = pages.data?.pages.every(({ items }) => items.length === 0) === true
  const isWaiting = pages.isPending || (pages.isSuccess && people.length === 0 && !isEmpty)
  const isNarrowed = Object.values(filter).some((value) => value !== undefined)
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.contacts')}
      </Title>
      <ContactFilters filter={filter} onNarrow={narrow} />
      {isWaiting && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {isEmpty && (
        <EmptyState
          title={t(isNarrowed ? 'contacts.noneFit' : 'contacts.none')}
          next={t(isNarrowed ? 'contacts.noneFitNext' : 'contacts.noneNext')}
        />
      )}
      {!isWaiting && people.length > 0 && <ContactTable people={people} />}
      {!isWaiting && pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('contacts.more')}
        </Button>
      )}
    </Stack>
  )
}
