import { List, Radio, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { REPLY_MODES, type ReplyMode } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Ask } from '../../ui/ask.tsx'
import type { AccountReplies, Replies } from './replies.ts'

interface ModeSwitchProps {
  readonly replies: AccountReplies
  readonly model: Replies['model']
}

/** What somebody agrees to who lets a model answer. */
const AI_POINTS = ['says', 'consent', 'handsOver', 'takeover', 'checks'] as const

interface SureProps extends ModeSwitchProps {
  readonly mode: ReplyMode
  readonly onClose: () => void
}

/** Says what another mode will do before it does it. */
const Sure = ({ replies: { account, version }, model, mode, onClose }: SureProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const change = async () => {
    try {
      await call(api.replies.update, {
        params: { id: account.id },
        body: { expectedVersion: version, replyMode: mode },
      })
    } catch (error) {
      // Whoever was too late sees what holds now before they press again.
      await queries.invalidateQueries()
      throw error
    }
  }
  return (
    <Ask
      title={t('autoReplies.switchTo', { mode: t(`autoReplies.mode.${mode}.name`) })}
      act={t('autoReplies.switch')}
      perform={change}
      onClose={onClose}
    >
      <Text>{t(`autoReplies.mode.${mode}.sure`)}</Text>
      {mode === 'ai' && (
        <List spacing="xs" size="sm">
          {AI_POINTS.map((point) => (
            <List.Item key={point}>{t(`autoReplies.ai.${point}`)}</List.Item>
          ))}
        </List>
      )}
      {mode !== 'manual' && model === 'off' && <Text fw={600}>{t('autoReplies.noModelText')}</Text>}
    </Ask>
  )
}

/** Why the mode that holds is not the one that was chosen, or where it comes from. */
const Whence = ({ setting: { value, source, chosen } }: { setting: AccountReplies['settings']['replyMode'] }) => {
  const { t } = useTranslation()
  const isHeld = chosen !== null && chosen !== value
  return (
    <Text size="sm" c="dimmed">
      {isHeld
        ? t('autoReplies.modeHeld', {
            chosen: t(`autoReplies.mode.${chosen}.name`),
            holds: t(`autoReplies.mode.${value}.name`),
          })
        : t(`autoReplies.layer.${source}`)}
    </Text>
  )
}

/** How an account answers, and the way to another mode. */
export const ModeSwitch = ({ replies, model }: ModeSwitchProps) => {
  const { t } = useTranslation()
  const mayEdit = useMay('settings.edit')
  const [asked, ask] = useState<ReplyMode | null>(null)
  const { replyMode } = replies.settings
  return (
    <>
      <Radio.Group
        label={t('autoReplies.modeLabel')}
        value={replyMode.value}
        onChange={(value) => ask(REPLY_MODES.find((known) => known === value) ?? null)}
      >
        <Stack gap="xs" mt="xs">
          {replies.modes.map(({ mode, liftedBy }) => (
            <Radio
              key={mode}
              value={mode}
              label={t(`autoReplies.mode.${mode}.name`)}
              description={
                liftedBy === null
                  ? t(`autoReplies.mode.${mode}.about`)
                  : `${t(`autoReplies.mode.${mode}.about`)} ${t('autoReplies.liftedBy', { package: t(`words:package.${liftedBy}`) })}`
              }
              disabled={!mayEdit || liftedBy !== null}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Whence setting={replyMode} />
      {asked !== null && <Sure replies={replies} model={model} mode={asked} onClose={() => ask(null)} />}
    </>
  )
}
