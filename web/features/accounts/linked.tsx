import { Anchor, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { isolated } from '../../lib/isolated.ts'
import { Note } from '../../ui/note.tsx'

/** An account was linked: which, and where to go from here. */
export const Linked = ({ account }: { account: RouteOutput<typeof api.links.bot> }) => {
  const { t } = useTranslation()
  return (
    <Note color="teal" title={t('links.linked')} aria-live="polite" data-linked={account.id} mb={0}>
      <Text size="sm">{t('links.linkedText', { name: isolated(account.displayName) })}</Text>
      <Group gap="md" mt="xs">
        <Anchor component={Link} to="/start" size="sm">
          {t('links.goOn')}
        </Anchor>
        <Anchor component={Link} to="/accounts" size="sm">
          {t('links.back')}
        </Anchor>
      </Group>
    </Note>
  )
}
