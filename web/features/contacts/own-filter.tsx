import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'

interface OwnFilterProps {
  readonly own: number | undefined
  readonly onNarrow: (part: { readonly own: number | undefined }) => void
}

/** Narrows the list to one of the tenant's own segments; nothing where there are none. */
export const OwnFilter = ({ own, onNarrow }: OwnFilterProps) => {
  const { t } = useTranslation()
  const list = useQuery({ ...query(api.ownSegments.list, {}), enabled: useMay('segments.view') })
  const items = list.data?.items ?? []
  if (items.length === 0 && own === undefined) return null
  const gone = own === undefined || items.some(({ id }) => id === own) ? [] : [{ value: String(own), label: `#${own}` }]
  return (
    <NativeSelect
      label={t('contacts.own')}
      data={[
        { value: '', label: t('contacts.all') },
        ...items.map(({ id, name }) => ({ value: String(id), label: name })),
        ...gone,
      ]}
      value={own === undefined ? '' : String(own)}
      onChange={({ currentTarget: { value } }) => onNarrow({ own: value === '' ? undefined : Number(value) })}
    />
  )
}
