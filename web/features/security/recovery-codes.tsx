import { Button, CopyButton, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { Note } from '../../ui/note.tsx'

/** Shown once; whoever has lost the device comes in with one of them. */
export const RecoveryCodes = ({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) => {
  const { t } = useTranslation()
  return (
    <Note color="green" title={t('security.codesTitle')}>
      <Stack>
        <Text>{t('security.codesText')}</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          {codes.map((code) => (
            <li key={code}>
              <code dir="ltr" data-recovery-code>
                {code}
              </code>
            </li>
          ))}
        </SimpleGrid>
        <Group>
          <CopyButton value={codes.join('\n')}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? 'security.copied' : 'security.copy')}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onDone}>{t('security.kept')}</Button>
        </Group>
      </Stack>
    </Note>
  )
}
