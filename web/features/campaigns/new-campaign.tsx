import { Anchor, Button, Group, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useKeptPlace } from './use-kept-draft.ts'
import { EMPTY_DRAFT, draftFrom } from './wizard-draft.ts'
import { wizardKey } from './wizard-search.ts'
import { Wizard } from './wizard.tsx'

const screen = getRouteApi('/campaigns/new')

/** Makes a campaign, goes on with a draft, or makes another one like one that is there. */
export const NewCampaign = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const { step = 'audience', edit, clone, own, template } = screen.useSearch()
  const navigate = screen.useNavigate()
  const [times, again] = useState(0)
  const wizard = wizardKey({ edit, clone, own })
  const place = useKeptPlace(wizard)
  const from = edit ?? clone
  const choices = useQuery(query(api.campaigns.choices, {}))
  const pattern = useQuery({
    ...query(api.campaigns.get, { params: { id: from ?? 0 } }),
    enabled: from !== undefined,
    staleTime: 0,
  })
  const fault = choices.error ?? (from === undefined ? null : pattern.error)
  const isReady = choices.isSuccess && (from === undefined || (pattern.isSuccess && pattern.isFetchedAfterMount))
  const startOver = () => {
    sessionStorage.removeItem(place)
    again(times + 1)
    void navigate({ search: (before) => ({ ...before, step: 'audience', template: undefined }), replace: true })
  }
  const only = choices.data?.accounts.length === 1 ? (choices.data.accounts[0]?.id ?? null) : null
  const initial =
    from !== undefined && pattern.data
      ? draftFrom(pattern.data, tenant.timeZone, {
          isClone: clone !== undefined,
          name: clone === undefined ? pattern.data.name : t('wizard.copyOf', { name: pattern.data.name }).slice(0, 100),
        })
      : { ...EMPTY_DRAFT, accountId: only, own: own === undefined ? [] : [own] }
  return (
    <Stack>
      <Anchor component={Link} to="/campaigns" size="sm">
        {t('campaigns.back')}
      </Anchor>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t(edit === undefined ? 'wizard.heading' : 'wizard.editHeading')}
        </Title>
        <Button variant="subtle" onClick={startOver}>
          {t('wizard.startOver')}
        </Button>
      </Group>
      {fault !== null && <Fault error={fault} onRetry={() => void choices.refetch()} />}
      {fault === null && !isReady && <Rows />}
      {fault === null && isReady && (
        <Wizard
          key={`${wizard}.${times}`}
          place={place}
          initial={initial}
          step={step}
          template={template}
          choices={choices.data}
          wizard={wizard}
          onGo={(wanted) => void navigate({ search: (before) => ({ ...before, step: wanted, template: undefined }) })}
        />
      )}
    </Stack>
  )
}
