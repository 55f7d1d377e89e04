import { Alert, Button, Code, CopyButton, Group, Select, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { MEMBER_ROLES, type MemberRole } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'

/** Invites one person. What lets them in is shown here once, and kept nowhere. */
export const Invitation = ({ grantable }: { grantable: readonly MemberRole[] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const [role, setRole] = useState<MemberRole>(grantable.includes('agent') ? 'agent' : (grantable[0] ?? 'agent'))
  const queries = useQueryClient()
  const invite = useMutation({
    mutationFn: () => call(api.members.invite, { body: { role } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const given = invite.data
  const shown = given ? (given.link ?? given.command) : ''
  return (
    <Stack gap="sm">
      <Group align="end">
        <Select
          label={t('team.inviteAs')}
          description={t(`team.about.${role}`)}
          data={grantable.map((value) => ({ value, label: t(`words:role.${value}`) }))}
          value={role}
          onChange={(value) => setRole(MEMBER_ROLES.find((known) => known === value) ?? role)}
          allowDeselect={false}
          inputWrapperOrder={['label', 'input', 'description']}
          miw={260}
          maw={420}
        />
      </Group>
      <Button loading={invite.isPending} onClick={() => invite.mutate()} style={{ alignSelf: 'start' }}>
        {t('team.invite')}
      </Button>
      {invite.isError && <Fault error={invite.error} />}
      {given && (
        <Alert color="teal" title={t('team.invited', { role: t(`words:role.${given.role}`) })} data-testid="invitation">
          <Stack gap="xs">
            <Text size="sm">
              {t(given.link === null ? 'team.sendCommand' : 'team.sendLink', { at: formats.instant(given.expiresAt) })}
            </Text>
            <Code
              block
              dir="ltr"
              data-testid="invitation-word"
              style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}
            >
              {shown}
            </Code>
            <CopyButton value={shown}>
              {({ copied, copy }) => (
                <Button variant="default" size="compact-sm" onClick={copy} style={{ alignSelf: 'start' }}>
                  {t(copied ? 'team.copied' : 'team.copy')}
                </Button>
              )}
            </CopyButton>
          </Stack>
        </Alert>
      )}
    </Stack>
  )
}
