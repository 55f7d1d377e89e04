import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import type { Persona } from './persona-draft.ts'
import { PersonaSummary } from './persona-summary.tsx'

const useVersions = (id: number) =>
  useInfiniteQuery({
    queryKey: [api.personas.versions.path, id],
    queryFn: ({ pageParam, signal }) =>
      call(
        api.personas.versions,
        { params: { id }, query: { ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })

interface RestoreProps {
  readonly saved: Persona
  readonly version: number
  readonly onRestored: (persona: Persona) => void
  readonly onClose: () => void
}

/** Shows what an earlier version says differently, and puts it in force again. */
const Restore = ({ saved, version, onRestored, onClose }: RestoreProps) => {
  const { t } = useTranslation()
  const params = { id: saved.accountId, version }
  const former = useQuery(query(api.personas.version, { params }))
  const restore = async () =>
    onRestored(
      await call(api.personas.restore, {
        params: { id: saved.accountId },
        body: { version, expectedVersion: saved.version },
      }),
    )
  return (
    <Ask
      title={t('persona.restoreTitle', { version })}
      act={t('persona.restore')}
      isReady={former.isSuccess}
      perform={restore}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        {t('persona.restoreHint')}
      </Text>
      {former.isPending && <Rows count={3} />}
      {former.isError && <Fault error={former.error} />}
      {former.isSuccess && <PersonaSummary persona={former.data} than={saved} />}
    </Ask>
  )
}

interface PersonaVersionsProps {
  readonly saved: Persona
  /** What was typed would be lost. */
  readonly isChanged: boolean
  readonly onRestored: (persona: Persona) => void
}

/** What was changed when and by whom, and the way back. */
export const PersonaVersions = ({ saved, isChanged, onRestored }: PersonaVersionsProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const whose = useWhose()
  const mayEdit = useMay('personas.edit')
  const versions = useVersions(saved.accountId)
  const [chosen, choose] = useState<number | null>(null)
  return (
    <Stack component="section" gap="xs" aria-labelledby="versions">
      <Title order={2} size="h5" id="versions">
        {t('persona.versions')}
      </Title>
      {versions.isPending && <Rows count={3} />}
      {versions.isError && <Fault error={versions.error} onRetry={() => void versions.refetch()} />}
      {versions.data?.pages
        .flatMap(({ items }) => items)
        .map(({ version, updatedAt, updatedBy, changed }) => (
          <Card key={version} withBorder padding="sm" data-version={version}>
            <Group justify="space-between">
              <div>
                <Text>
                  {t('persona.versionOf', { version: formats.number(version), at: formats.instant(updatedAt) })}
                </Text>
                <Text size="sm" c="dimmed">
                  {whose(updatedBy)}
                  {changed.length > 0 && ` · ${changed.map((field) => t(`persona.part.${field}`)).join(', ')}`}
                </Text>
              </div>
              {mayEdit && version !== saved.version && (
                <Button
                  variant="default"
                  size="compact-md"
                  disabled={isChanged}
                  aria-label={`${t('persona.look')}: ${version}`}
                  onClick={() => choose(version)}
                >
                  {t('persona.look')}
                </Button>
              )}
            </Group>
          </Card>
        ))}
      {versions.hasNextPage && (
        <Button
          variant="default"
          style={{ alignSelf: 'start' }}
          loading={versions.isFetchingNextPage}
          onClick={() => void versions.fetchNextPage()}
        >
          {t('templates.more')}
        </Button>
      )}
      {chosen !== null && (
        <Restore saved={saved} version={chosen} onRestored={onRestored} onClose={() => choose(null)} />
      )}
    </Stack>
  )
}
