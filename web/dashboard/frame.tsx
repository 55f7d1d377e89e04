import { Badge, Burger, Group, Text } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { type ReactNode, Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'

import { useSignedIn } from '../api/session.tsx'
import { Note } from '../ui/note.tsx'
import { BrandLogo, useBrand } from './brand-mark.tsx'
import { Choice } from './choice.tsx'
import styles from './frame.module.css'
import { LanguageMenu } from './language-menu.tsx'

// What one looks at comes first; the ways to the rest follow in the same moment, on a phone when they are asked for.
const Menu = lazy(async () => ({ default: (await import('./menu.tsx')).Menu }))

/** Whose panel this is; whoever belongs to several chooses. */
const Whose = ({ brand, onChoose }: { brand: ReturnType<typeof useBrand>; onChoose: (tenantId: number) => void }) => {
  const { t } = useTranslation()
  const { session, tenant } = useSignedIn()
  if (session.tenants.length <= (tenant === null ? 0 : 1))
    return (
      <Text fw={650} truncate>
        <bdi>{brand?.name ?? tenant?.name ?? t('frame.part.installation')}</bdi>
      </Text>
    )
  const choices = session.tenants.map(({ id, name }) => ({ value: String(id), label: name }))
  const none = { value: '', label: t('frame.chooseTenant'), disabled: true }
  return (
    <Choice
      label={t('frame.tenant')}
      options={tenant === null ? [none, ...choices] : choices}
      value={tenant === null ? '' : String(tenant.id)}
      onChoose={(id) => onChoose(Number(id))}
    />
  )
}

/** The frame around every screen: where one is, what else there is, whose it is. */
export const Frame = ({ onChoose, children }: { onChoose: (tenantId: number) => void; children: ReactNode }) => {
  const { t } = useTranslation()
  const [isOpen, { toggle, close }] = useDisclosure(false)
  const isWide = useMediaQuery('(min-width: 48.01em)', undefined, { getInitialValueInEffect: false })
  const { tenant } = useSignedIn()
  const brand = useBrand(tenant)
  return (
    <div className={styles['frame']}>
      <header className={styles['header']}>
        <a className="skip" href="#screen">
          {t('frame.skip')}
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('frame.menu')} />
            <BrandLogo brand={brand} />
            <Whose brand={brand} onChoose={onChoose} />
            {tenant?.isSuspended && <Badge color="red">{t('frame.suspended')}</Badge>}
          </Group>
          <LanguageMenu />
        </Group>
      </header>
      <nav className={styles['menu']} data-closed={!isOpen || undefined} aria-label={t('frame.menu')}>
        {(isOpen || isWide) && (
          <Suspense>
            <Menu onGo={close} />
          </Suspense>
        )}
      </nav>
      <main className={styles['screen']} id="screen" tabIndex={-1}>
        {tenant?.isSuspended && tenant.role !== null && (
          <Note color="yellow" title={t('frame.restsTitle', { name: tenant.name })} mb="md">
            {t('frame.rests')}
          </Note>
        )}
        {children}
      </main>
    </div>
  )
}
