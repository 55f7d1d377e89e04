import { Badge, Button, Card, Group, Select, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { MEMBER_ROLES, type MemberRole } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Invitation } from './invitation.tsx'
import { OpenInvitations } from './open-invitations.tsx'

type Members = RouteOutput<typeof contract.members.list>
type Member = Members['items'][number]

/** One member, with what whoever looks may change about them. */
const MemberCard = ({
  member,
  grantable,
  onRemove,
}: {
  member: Member
  grantable: readonly MemberRole[]
  onRemove: () => void
}) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const queries = useQueryClient()
  const [mayChange, mayRemove] = [useMay('members.change_role'), useMay('members.remove')]
  const { id, name, role, joinedAt, isYou } = member
  const change = useMutation({
    mutationFn: (wanted: MemberRole) => call(api.members.changeRole, { params: { id }, body: { role: wanted } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const isTheirs = grantable.includes(role)
  return (
    <Card withBorder padding="sm" data-member={id} data-role={role}>
      <Group justify="space-between">
        <div>
          <Group gap="xs">
            <Text fw={600}>
              <bdi>{name}</bdi>
            </Text>
            {isYou && <Badge variant="default">{t('team.you')}</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {t('team.joined', { at: formats.day(joinedAt) })}
          </Text>
        </div>
        <Group gap="xs">
          {mayChange && isTheirs ? (
            <Select
              aria-label={t('team.roleOf', { name })}
              data={grantable.map((value) => ({ value, label: t(`words:role.${value}`) }))}
              value={role}
              onChange={(value) => {
                const wanted = MEMBER_ROLES.find((known) => known === value)
                if (wanted !== undefined && wanted !== role) change.mutate(wanted)
              }}
              allowDeselect={false}
              disabled={change.isPending}
              w={160}
            />
          ) : (
            <Badge variant="outline">{t(`words:role.${role}`)}</Badge>
          )}
          {mayRemove && isTheirs && (
            <Button variant="default" onClick={onRemove} aria-label={t('team.removeOf', { name })}>
              {t('team.remove')}
            </Button>
          )}
        </Group>
      </Group>
      {change.isError && <Fault error={change.error} />}
    </Card>
  )
}

/** Who belongs to the tenant and what they may do. */
export const Team = () => {
  const { t } = useTranslation()
  const members = useQuery(query(api.members.list, {}))
  const [removed, remove] = useState<Member | null>(null)
  const mayInvite = useMay('members.invite')
  if (members.isPending) return <Rows count={3} />
  if (members.isError) return <Fault error={members.error} onRetry={() => void members.refetch()} />
  const { items, grantable } = members.data
  return (
    <Stack>
      {mayInvite && grantable.length > 0 && <Invitation grantable={grantable} />}
      <OpenInvitations grantable={grantable} />
      {items.map((member) => (
        <MemberCard key={member.id} member={member} grantable={grantable} onRemove={() => remove(member)} />
      ))}
      {removed !== null && (
        <Ask
          title={t('team.remove')}
          act={t('team.remove')}
          color="red.9"
          perform={() => call(api.members.remove, { params: { id: removed.id } })}
          onClose={() => remove(null)}
        >
          <Text>{t('team.removeSure', { name: removed.name })}</Text>
        </Ask>
      )}
    </Stack>
  )
}
