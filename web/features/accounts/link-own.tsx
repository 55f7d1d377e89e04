import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'

/** An account of the person's own, on a page made for nothing else: by QR code, or by number and code. */
export const LinkOwn = ({ isOn }: { isOn: boolean }) => {
  const { t } = useTranslation()
  const open = useMutation({
    mutationFn: async () => location.assign((await call(api.links.own, {})).path),
  })
  return (
    <Card withBorder component="section" aria-labelledby="link-own">
      <Stack gap="sm">
        <Title order={2} size="h5" id="link-own">
          {t('links.own.title')}
        </Title>
        <Text size="sm">{t('links.own.text')}</Text>
        <Text size="sm" c="dimmed">
          {t(isOn ? 'links.own.risk' : 'links.own.off')}
        </Text>
        {open.isError && <Fault error={open.error} />}
        {isOn && (
          <Group justify="end">
            <Button variant="default" loading={open.isPending} onClick={() => open.mutate()}>
              {t('links.own.open')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
