import { Button, Group, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Ask } from '../../ui/ask.tsx'
import type { Account } from './account.ts'

type Act = 'pause' | 'resume' | 'resumeSending' | 'review'

/** What can be done about an account as it stands. */
const actsFor = ({ state, health, sendingStopped }: Account): readonly Act[] => {
  if (state === 'disconnected') return []
  return [
    ...(health.state === 'normal' ? [] : (['review'] as const)),
    ...(sendingStopped === null ? [] : (['resumeSending'] as const)),
    state === 'active' ? 'pause' : 'resume',
  ]
}

const Question = ({ act, account, onClose }: { act: Act; account: Account; onClose: () => void }) => {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const params = { id: account.id }
  return (
    <Ask
      title={t(`accounts.act.${act}`)}
      act={t(`accounts.act.${act}`)}
      {...(act === 'pause' && { color: 'red.9', isReady: reason.trim() !== '' })}
      perform={() =>
        act === 'pause' ? call(api.accounts.pause, { params, body: { reason } }) : call(api.accounts[act], { params })
      }
      onClose={onClose}
    >
      <Text>{t(`accounts.sure.${act}`, { name: account.displayName })}</Text>
      {act === 'pause' && (
        <TextInput
          label={t('accounts.why')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={200}
          data-autofocus
        />
      )}
    </Ask>
  )
}

export const AccountActions = ({ account }: { account: Account }) => {
  const { t } = useTranslation()
  const [asked, ask] = useState<Act | null>(null)
  if (!useMay('accounts.control')) return null
  return (
    <Group gap="xs">
      {actsFor(account).map((act) => (
        <Button key={act} variant="default" onClick={() => ask(act)}>
          {t(`accounts.act.${act}`)}
        </Button>
      ))}
      {asked !== null && <Question act={asked} account={account} onClose={() => ask(null)} />}
    </Group>
  )
}
