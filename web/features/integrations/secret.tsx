import { Alert, Button, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** What is shown this once, to be copied to where it belongs. */
export const Secret = ({ label, value, onDone }: { label: string; value: string; onDone: () => void }) => {
  const { t } = useTranslation()
  return (
    <Stack>
      <Alert color="orange" title={t('integrations.once')}>
        {t('integrations.onceText')}
      </Alert>
      <TextInput label={label} value={value} readOnly dir="ltr" data-testid="secret" />
      <Group justify="end">
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'integrations.copied' : 'integrations.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t('integrations.kept')}</Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t('integrations.lost')}
      </Text>
    </Stack>
  )
}
