import { Anchor, Button, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { PersonaEditor } from './persona-editor.tsx'

const screen = getRouteApi('/auto-replies/$id')

/** An account that says nothing of itself yet. */
const Beginning = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayEdit = useMay('personas.edit')
  const begin = useMutation({
    mutationFn: () => call(api.personas.create, { params: { id } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <EmptyState title={t('autoReplies.noPersona')} next={t('persona.beginHint')}>
      {begin.isError && <Fault error={begin.error} />}
      {mayEdit && (
        <Button loading={begin.isPending} onClick={() => begin.mutate()}>
          {t('persona.begin')}
        </Button>
      )}
    </EmptyState>
  )
}

/** One account's persona. What somebody else saves meanwhile does not disturb whoever is writing here. */
export const PersonaPage = () => {
  const { t } = useTranslation()
  const id = Number(screen.useParams().id)
  const shown = useQuery({ ...query(api.personas.get, { params: { id } }), staleTime: 0 })
  // An older answer that is still known would be overtaken before anything is typed.
  if (shown.isPending || !shown.isFetchedAfterMount) return <Rows />
  if (shown.isError) return <Fault error={shown.error} onRetry={() => void shown.refetch()} />
  const { account, persona } = shown.data
  return (
    <Stack>
      <div>
        <Anchor renderRoot={(props) => <Link to="/auto-replies" {...props} />} size="sm">
          {t('persona.back')}
        </Anchor>
        <Title order={1} size="h3">
          {t('persona.title')} <bdi>{account.displayName}</bdi>
        </Title>
        <Text c="dimmed">{t('persona.text')}</Text>
      </div>
      {persona === null ? <Beginning id={id} /> : <PersonaEditor key={id} stored={persona} />}
    </Stack>
  )
}
