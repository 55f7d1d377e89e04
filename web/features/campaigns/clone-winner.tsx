import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'

/** Another campaign with nothing but the wording that won; while none is proven, with all of them. */
export const CloneWinner = ({ id, winner }: { id: number; winner: string | null }) => {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [mayEdit, mayWrite] = [useMay('campaigns.edit'), useMay('templates.edit')]
  const take = useMutation({
    mutationFn: () => call(api.campaigns.takeWinner, { params: { id } }),
    onSuccess: async ({ templateId }) => {
      await queries.invalidateQueries()
      await navigate({
        to: '/campaigns/new',
        search: {
          clone: id,
          template: templateId,
          step: 'message',
          tenant: undefined,
          edit: undefined,
          own: undefined,
        },
      })
    },
  })
  if (!mayEdit || !mayWrite) return null
  return (
    <section aria-label={t('campaigns.wordings')}>
      <Group gap="sm">
        {winner === null ? (
          <>
            <Text size="sm">{t('campaigns.noWinner')}</Text>
            <Button
              variant="default"
              size="compact-sm"
              renderRoot={(props) => <Link to="/campaigns/new" search={{ clone: id }} {...props} />}
            >
              {t('campaigns.cloneAll')}
            </Button>
          </>
        ) : (
          <>
            <Text size="sm">{t('campaigns.winner', { name: winner.toUpperCase() })}</Text>
            <Button variant="default" size="compact-sm" loading={take.isPending} onClick={() => take.mutate()}>
              {t('campaigns.cloneWinner')}
            </Button>
          </>
        )}
      </Group>
      {take.isError && <Fault error={take.error} />}
    </section>
  )
}
