import { Anchor, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import { useWhose } from '../../lib/whose.ts'
import { ModeSwitch } from './mode-switch.tsx'
import type { AccountReplies, Replies } from './replies.ts'
import { SettingList } from './setting-list.tsx'
import { SettingsForm } from './settings-form.tsx'

/** Who the account is to its contacts, and the way to change it. */
const PersonaLine = ({ replies: { account, persona } }: { replies: AccountReplies }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const languageName = useLanguageName()
  const whose = useWhose()
  const seesPersona = useMay('personas.view')
  return (
    <Group justify="space-between">
      <div>
        <Text fw={600}>{t('autoReplies.persona')}</Text>
        <Text size="sm" c="dimmed">
          {persona === null ? (
            t('autoReplies.noPersona')
          ) : (
            <>
              <bdi>{persona.displayName}</bdi>
              {` · ${languageName(persona.language)} · `}
              {t('autoReplies.version', {
                version: formats.number(persona.version),
                at: formats.since(persona.updatedAt, session.now),
                by: whose(persona.updatedBy),
              })}
            </>
          )}
        </Text>
      </div>
      {seesPersona && (
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/auto-replies/$id" params={{ id: String(account.id) }} {...props} />}
        >
          {t('autoReplies.toPersona')}
        </Button>
      )}
    </Group>
  )
}

interface ReplyCardProps {
  readonly replies: AccountReplies
  readonly model: Replies['model']
}

/** One account: how it answers, who it is, and what is set, each with where it comes from. */
export const ReplyCard = ({ replies, model }: ReplyCardProps) => {
  const { t } = useTranslation()
  const { account, drafts } = replies
  const [isOpen, { open, close }] = useDisclosure(false)
  const [mayEdit, seesInbox] = [useMay('settings.edit'), useMay('conversations.view')]
  return (
    <Card withBorder component="section" aria-label={account.displayName} data-account={account.id}>
      <Stack>
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={2} size="h5">
              <bdi>{account.displayName}</bdi>
            </Title>
            {account.username !== null && (
              <Text size="sm" c="dimmed" span dir="ltr">
                @{account.username}
              </Text>
            )}
            {account.state !== 'active' && <Badge variant="default">{t(`words:accountState.${account.state}`)}</Badge>}
          </Group>
          {drafts > 0 && seesInbox && (
            <Anchor renderRoot={(props) => <Link to="/inbox" {...props} />}>
              {t('autoReplies.drafts', { count: drafts })}
            </Anchor>
          )}
        </Group>
        <ModeSwitch replies={replies} model={model} />
        <PersonaLine replies={replies} />
        <SettingList settings={replies.settings} />
        {mayEdit && (
          <Button variant="default" onClick={open} style={{ alignSelf: 'start' }}>
            {t('autoReplies.change')}
          </Button>
        )}
      </Stack>
      {isOpen && <SettingsForm replies={replies} onClose={close} />}
    </Card>
  )
}
