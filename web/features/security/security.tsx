import { Button, Card, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Note } from '../../ui/note.tsx'
import { CodeField } from './code-field.tsx'
import { Enrolment } from './enrolment.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

type Act = 'renewCodes' | 'turnOff'

interface AskedProps {
  readonly act: Act
  readonly onClose: () => void
  readonly onDone: (codes: readonly string[] | null) => void
}

/** Both need a code: somebody else at this device has none. */
const Asked = ({ act, onClose, onDone }: AskedProps) => {
  const { t } = useTranslation()
  const [code, setCode] = useState('')
  const perform = useMutation({
    mutationFn: async () => {
      if (act === 'renewCodes')
        return (await call(api.secondFactor.renewRecoveryCodes, { body: { code } })).recoveryCodes
      await call(api.secondFactor.remove, { body: { code } })
      return null
    },
    onSuccess: onDone,
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`security.${act}`)}
      closeButtonProps={{ 'aria-label': t('security.cancel') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          perform.mutate()
        }}
      >
        <Stack>
          <Text>{t(`security.${act}Text`)}</Text>
          <CodeField label={t('security.code')} value={code} onChange={setCode} error={perform.error} />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {t('security.cancel')}
            </Button>
            <Button
              type="submit"
              {...(act === 'turnOff' && { color: 'red.9' })}
              disabled={code.trim() === ''}
              loading={perform.isPending}
            >
              {t(`security.${act}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Whether a code is asked for after the link, and how to set that up. */
export const Security = () => {
  const { t } = useTranslation()
  const formats = useFormats(useZone())
  const queries = useQueryClient()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [asked, ask] = useState<Act | null>(null)
  const factor = useQuery(query(api.secondFactor.get, {}))
  const show = async (shown: readonly string[] | null) => {
    setCodes(shown)
    ask(null)
    await queries.invalidateQueries()
  }
  if (factor.isPending) return <Rows />
  if (factor.isError) return <Fault error={factor.error} onRetry={() => void factor.refetch()} />
  const { confirmedAt, recoveryCodesLeft, mayEnrol, isRequired } = factor.data
  return (
    <Stack maw={640}>
      <Title order={1} size="h3">
        {t('screens.security')}
      </Title>
      {isRequired && confirmedAt === null && <Note color="yellow">{t('security.required')}</Note>}
      {codes !== null && <RecoveryCodes codes={codes} onDone={() => setCodes(null)} />}
      {confirmedAt === null && mayEnrol && <Enrolment onDone={(shown) => void show(shown)} />}
      {confirmedAt === null && !mayEnrol && <Text>{t('security.notForYou')}</Text>}
      {confirmedAt !== null && (
        <Card withBorder>
          <Stack>
            <Title order={2} size="h4">
              {t('security.onTitle')}
            </Title>
            <Text>{t('security.onSince', { at: formats.instant(confirmedAt) })}</Text>
            <Text>{t('security.codesLeft', { count: recoveryCodesLeft })}</Text>
            <Group>
              <Button variant="default" onClick={() => ask('renewCodes')}>
                {t('security.renewCodes')}
              </Button>
              <Button variant="default" onClick={() => ask('turnOff')}>
                {t('security.turnOff')}
              </Button>
            </Group>
          </Stack>
        </Card>
      )}
      {asked !== null && <Asked act={asked} onClose={() => ask(null)} onDone={(shown) => void show(shown)} />}
    </Stack>
  )
}
