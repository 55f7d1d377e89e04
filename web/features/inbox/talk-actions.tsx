import { Button, Group, Menu, Select } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import type { TalkPage } from './talk.ts'

const HOUR_MS = 3_600_000
/** For how many hours it can be put out of sight. */
const NAPS = [1, 4, 24, 168] as const
const NOBODY = 'nobody'

interface TalkActionsProps {
  readonly page: TalkPage
  readonly members: ReadonlyMap<number, string>
}

/** Whose a conversation is, and where it stands. All of it can be taken back. */
export const TalkActions = ({ page, members }: TalkActionsProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { id, state, turn: seenTurn, assignedTo, handedOverAt } = page.conversation
  const params = { id }
  const done = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => queries.invalidateQueries(),
  })
  const does = (act: () => Promise<unknown>) => done.mutate(act)
  const isAiSilent = handedOverAt !== null || (page.aiPausedUntil ?? 0) > page.now
  const assign = (memberId: number | null) => does(() => call(api.conversations.assign, { params, body: { memberId } }))
  const nap = (hours: number) =>
    does(() => call(api.conversations.snooze, { params, body: { until: page.now + hours * HOUR_MS, seenTurn } }))
  return (
    <>
      <Group gap="xs">
        <Select
          size="xs"
          aria-label={t('inbox.assigned')}
          data={[
            { value: NOBODY, label: t('inbox.owner.nobody') },
            ...[...members].map(([member, name]) => ({ value: String(member), label: name })),
          ]}
          value={assignedTo === null ? NOBODY : String(assignedTo)}
          onChange={(value) => assign(value === NOBODY ? null : Number(value))}
          allowDeselect={false}
          disabled={done.isPending}
        />
        <Menu>
          <Menu.Target>
            <Button variant="default" size="xs">
              {t('inbox.snooze')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {NAPS.map((hours) => (
              <Menu.Item key={hours} onClick={() => nap(hours)}>
                {t(`inbox.nap.${hours}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          variant="default"
          size="xs"
          onClick={() =>
            does(() => call(isAiSilent ? api.conversations.giveBack : api.conversations.handOver, { params }))
          }
        >
          {t(isAiSilent ? 'inbox.giveBack' : 'inbox.handOver')}
        </Button>
        {state !== 'open' && (
          <Button variant="default" size="xs" onClick={() => does(() => call(api.conversations.reopen, { params }))}>
            {t('inbox.reopen')}
          </Button>
        )}
        {state !== 'closed' && (
          <Button
            variant="default"
            size="xs"
            onClick={() => does(() => call(api.conversations.close, { params, body: { seenTurn } }))}
          >
            {t('inbox.close')}
          </Button>
        )}
      </Group>
      {done.isError && <Fault error={done.error} />}
    </>
  )
}
