import { Stack, Tabs, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useMay } from '../../api/session.tsx'
import { BrandPart } from './brand-part.tsx'
import { GeneralPart } from './general-part.tsx'
import { ModelPart } from './model-part.tsx'
import { SETTINGS_PARTS } from './settings-search.ts'
import { Team } from './team.tsx'

const screen = getRouteApi('/settings')

const BODIES = { general: GeneralPart, team: Team, brand: BrandPart, model: ModelPart } as const

/** What the tenant decides about itself: how it is called and when it is quiet, who belongs to it, how it looks. */
export const Settings = () => {
  const { t } = useTranslation()
  const { part = 'general' } = screen.useSearch()
  const navigate = screen.useNavigate()
  const sees = { general: true, team: useMay('members.view'), brand: true, model: useMay('settings.view') }
  const parts = SETTINGS_PARTS.filter((name) => sees[name])
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.settings')}
      </Title>
      <Tabs
        value={part}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, part: SETTINGS_PARTS.find((known) => known === value) }),
            replace: true,
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {parts.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`settings.part.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {parts.map((name) => {
          const Body = BODIES[name]
          return (
            <Tabs.Panel key={name} value={name}>
              <Body />
            </Tabs.Panel>
          )
        })}
      </Tabs>
    </Stack>
  )
}
