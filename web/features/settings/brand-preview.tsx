import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

type Colours = RouteOutput<typeof api.tenant.colours>

/** The product's own, while the tenant has none. */
const PLAIN = { onLight: '#0b7285', onDark: '#66d9e8' } as const

interface Surroundings {
  readonly kind: 'light' | 'dark'
  readonly ground: string
  readonly ink: string
  readonly accent: string
  readonly accentInk: string
}

const Sketch = ({ name, logoPath, around }: { name: string; logoPath: string | null; around: Surroundings }) => {
  const { t } = useTranslation()
  const { kind, ground, ink, accent, accentInk } = around
  return (
    <Stack
      gap="sm"
      p="md"
      data-surroundings={kind}
      style={{ background: ground, color: ink, borderRadius: 8, border: '1px solid var(--mantine-color-gray-5)' }}
    >
      <Group gap="xs" wrap="nowrap">
        {logoPath !== null && <img src={logoPath} alt="" height={28} style={{ maxWidth: 96, objectFit: 'contain' }} />}
        <Text fw={650} truncate>
          <bdi>{name}</bdi>
        </Text>
      </Group>
      <Text size="sm" style={{ color: accent, textDecoration: 'underline' }}>
        {t('brand.sampleLink')}
      </Text>
      <Text
        component="span"
        size="sm"
        fw={600}
        px="md"
        py={6}
        style={{ background: accent, color: accentInk, borderRadius: 8, alignSelf: 'start' }}
      >
        {t('brand.sampleButton')}
      </Text>
      <Text size="xs">{t(`brand.${kind}`)}</Text>
    </Stack>
  )
}

/** How a name, a logo and an accent look together, in light and in dark surroundings. */
export const BrandPreview = ({
  name,
  logoPath,
  colours,
}: {
  name: string
  logoPath: string | null
  colours: Colours | null
}) => {
  const { onLight, onDark } = colours ?? PLAIN
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} data-testid="brand-preview">
      <Sketch
        name={name}
        logoPath={logoPath}
        around={{ kind: 'light', ground: '#ffffff', ink: '#000000', accent: onLight, accentInk: '#ffffff' }}
      />
      <Sketch
        name={name}
        logoPath={logoPath}
        around={{ kind: 'dark', ground: '#242424', ink: '#ffffff', accent: onDark, accentInk: '#000000' }}
      />
    </SimpleGrid>
  )
}
