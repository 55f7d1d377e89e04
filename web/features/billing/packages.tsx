import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { COUNTED, type PackageName } from '#contract/words.ts'

import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { isolated } from '../../lib/isolated.ts'
import type { BillingView, SoldPackage } from './billing-view.ts'

const Line = ({ name, value }: { name: string; value: string }) => (
  <Group justify="space-between" gap="xs" wrap="nowrap">
    <Text component="dt" size="sm" c="dimmed">
      {name}
    </Text>
    <Text component="dd" size="sm" fw={600} m={0} ta="end">
      {value}
    </Text>
  </Group>
)

const PackageCard = ({
  sold,
  isOwn,
  onChoose,
}: {
  sold: SoldPackage
  isOwn: boolean
  onChoose: (name: PackageName) => void
}) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayPay = useMay('billing.pay')
  const bound = (value: number | null) => (value === null ? t('usage.unlimited') : formats.number(value))
  const { package: name, priceMinor, currency, periodDays, limits, perMinuteMax, replyModes, supportDays } = sold
  const title = t(`words:package.${name}`)
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="sm" h="100%" justify="space-between">
        <div>
          <Group gap="xs">
            <Title order={3} size="h5">
              {title}
            </Title>
            {isOwn && <Badge>{t('billing.own')}</Badge>}
          </Group>
          <Text fw={650} size="lg">
            {priceMinor === null
              ? t('billing.byAgreement')
              : t('billing.price', { price: isolated(formats.money(priceMinor, currency)), count: periodDays })}
          </Text>
          <Stack gap={2} mt="xs" component="dl" my={0}>
            {COUNTED.map((counted) => (
              <Line key={counted} name={t(`words:entitlement.${counted}`)} value={bound(limits[counted])} />
            ))}
            <Line name={t('billing.perMinute')} value={bound(perMinuteMax)} />
            <Line
              name={t('billing.replyModes')}
              value={replyModes.map((mode) => t(`words:replyMode.${mode}`)).join(', ')}
            />
            {(['crm', 'analytics', 'spam'] as const).map((tier) => (
              <Line key={tier} name={t(`billing.tier.${tier}`)} value={t(`words:level.${sold[tier]}`)} />
            ))}
            <Line
              name={t('billing.support')}
              value={supportDays === null ? t('billing.supportAlways') : t('billing.days', { count: supportDays })}
            />
          </Stack>
        </div>
        {mayPay && !isOwn && priceMinor !== null && (
          <Button
            variant="default"
            aria-label={t('billing.chooseOf', { package: title })}
            onClick={() => onChoose(name)}
          >
            {t('billing.choose')}
          </Button>
        )}
        {priceMinor === null && !isOwn && (
          <Text size="sm" c="dimmed">
            {t('billing.askOperator')}
          </Text>
        )}
      </Stack>
    </Card>
  )
}

/** The packages side by side. */
export const Packages = ({ view, onChoose }: { view: BillingView; onChoose: (name: PackageName) => void }) => {
  const { t } = useTranslation()
  return (
    <Stack gap="xs" component="section" aria-labelledby="packages">
      <Title order={2} size="h5" id="packages">
        {t('billing.packages')}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        {view.packages.map((sold) => (
          <PackageCard
            key={sold.package}
            sold={sold}
            isOwn={sold.package === view.subscription.package}
            onChoose={onChoose}
          />
        ))}
      </SimpleGrid>
    </Stack>
  )
}
