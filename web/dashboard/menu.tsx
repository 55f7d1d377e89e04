import { NavLink, Stack, Text } from '@mantine/core'
import { Link, useRouterState } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useSignedIn } from '../api/session.tsx'
import { useStartProgress } from '../features/start/use-start-progress.ts'
import { PARTS, SCREENS, isShown, maySee } from './screens.tsx'

/** The screens of one part that the person may see; nothing where there are none. */
const MenuPart = ({ part, onGo }: { part: (typeof PARTS)[number]; onGo: () => void }) => {
  const { t } = useTranslation()
  const signedIn = useSignedIn()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const { data: start } = useStartProgress()
  const isOnTheWay = start !== undefined && !start.isComplete
  const screens = SCREENS.filter(
    (screen) => screen.part === part && maySee(screen.needs, signedIn) && (isOnTheWay || screen.isOnTheWay !== true),
  )
  if (screens.length === 0) return null
  return (
    <Stack component="section" gap={0} mb="sm" aria-label={t(`frame.part.${part}`)}>
      <Text size="xs" c="dimmed" px="sm" py={4} aria-hidden>
        {t(`frame.part.${part}`)}
      </Text>
      {screens.map(({ to, icon: Icon, name }) => (
        <NavLink
          key={to}
          component={Link}
          to={to}
          label={t(`screens.${name}`)}
          leftSection={<Icon aria-hidden width={18} height={18} />}
          active={isShown(path, to)}
          activeOptions={{ exact: true }}
          onClick={onGo}
        />
      ))}
    </Stack>
  )
}

/** Every screen that the person may see, by part. */
export const Menu = ({ onGo }: { onGo: () => void }) =>
  PARTS.map((part) => <MenuPart key={part} part={part} onGo={onGo} />)
