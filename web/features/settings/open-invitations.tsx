import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { MemberRole } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'

type Open = RouteOutput<typeof contract.members.listInvitations>['items'][number]

/** Invitations that still let somebody in, each to be taken back by who may give its role. */
export const OpenInvitations = ({ grantable }: { grantable: readonly MemberRole[] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const whose = useWhose()
  const mayInvite = useMay('members.invite')
  const invitations = useQuery(query(api.members.listInvitations, {}))
  const [revoked, revoke] = useState<Open | null>(null)
  if (invitations.isError) return <Fault error={invitations.error} onRetry={() => void invitations.refetch()} />
  const items = invitations.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h5">
        {t('team.openInvitations')}
      </Title>
      {items.map((invitation) => (
        <Card key={invitation.id} withBorder padding="sm" data-invitation={invitation.id}>
          <Group justify="space-between">
            <div>
              <Badge variant="outline">{t(`words:role.${invitation.role}`)}</Badge>
              <Text size="sm" c="dimmed">
                {t('team.invitedBy', {
                  at: formats.instant(invitation.invitedAt),
                  who: whose(invitation.invitedBy),
                  until: formats.instant(invitation.expiresAt),
                })}
              </Text>
            </div>
            {mayInvite && grantable.includes(invitation.role) && (
              <Button
                variant="default"
                onClick={() => revoke(invitation)}
                aria-label={t('team.revokeOf', { id: invitation.id })}
              >
                {t('team.revoke')}
              </Button>
            )}
          </Group>
        </Card>
      ))}
      {revoked !== null && (
        <Ask
          title={t('team.revoke')}
          act={t('team.revoke')}
          color="red.9"
          perform={() => call(api.members.revokeInvitation, { params: { id: revoked.id } })}
          onClose={() => revoke(null)}
        >
          <Text>{t('team.revokeSure', { role: t(`words:role.${revoked.role}`) })}</Text>
        </Ask>
      )}
    </Stack>
  )
}
