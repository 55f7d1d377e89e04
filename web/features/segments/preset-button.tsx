import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'

/** Puts the default strategies in force for all segments; earlier versions stay and can be restored. */
export const PresetButton = ({ count }: { count: number }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayEdit = useMay('strategies.edit')
  const [isOpen, { open, close }] = useDisclosure(false)
  const apply = useMutation({
    mutationFn: () => call(api.strategies.applyPreset, { body: { preset: 'default' } }),
    onSuccess: () => {
      close()
      return queries.invalidateQueries()
    },
  })
  if (!mayEdit) return null
  return (
    <>
      <Button variant="default" style={{ alignSelf: 'start' }} onClick={open}>
        {t('segments.preset')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('segments.preset')}
        closeButtonProps={{ 'aria-label': t('segments.cancel') }}
      >
        <Stack>
          <Text>{t('segments.presetText', { segments: count })}</Text>
          {apply.isError && <Fault error={apply.error} />}
          <Group justify="end">
            <Button variant="default" onClick={close}>
              {t('segments.cancel')}
            </Button>
            <Button loading={apply.isPending} onClick={() => apply.mutate()}>
              {t('segments.presetNow')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
