import { Skeleton, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Where rows will be in a moment. */
export const Rows = ({ count = 8 }: { count?: number }) => {
  const { t } = useTranslation()
  return (
    <Stack component="output" gap="xs" aria-busy="true" aria-label={t('state.loading')}>
      {Array.from({ length: count }, (_, i) => (
        <Skeleton key={i} height={36} />
      ))}
    </Stack>
  )
}
