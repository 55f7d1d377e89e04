import { Anchor, Button, Image, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ask } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'

/** The photo or file of a claim; fetched only when somebody wants to see it. */
export const EvidenceFile = ({ id, reference }: { id: number; reference: string }) => {
  const { t } = useTranslation()
  const [isWanted, want] = useState(false)
  const file = useQuery({
    queryKey: [api.paymentQueue.evidence.path, id],
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const accept = 'image/*, application/pdf'
      const blob = await (await ask(api.paymentQueue.evidence, { params: { id } }, { accept, signal })).blob()
      return { type: blob.type, address: URL.createObjectURL(blob) }
    },
  })
  const address = file.data?.address
  useEffect(() => (address === undefined ? undefined : () => URL.revokeObjectURL(address)), [address])
  if (file.isError) return <Fault error={file.error} onRetry={() => void file.refetch()} />
  if (file.data === undefined)
    return (
      <Button
        variant="default"
        loading={file.isFetching}
        onClick={() => want(true)}
        style={{ alignSelf: 'flex-start' }}
      >
        {t('installation.showFile')}
      </Button>
    )
  return (
    <Stack gap={4} data-evidence={file.data.type}>
      {file.data.type.startsWith('image/') && (
        <Image
          src={file.data.address}
          alt={t('installation.fileOf', { reference })}
          mah={480}
          w="auto"
          maw="100%"
          fit="contain"
        />
      )}
      <Anchor href={file.data.address} download={`${reference}.${file.data.type.split('/')[1]}`}>
        {t('installation.saveFile')}
      </Anchor>
    </Stack>
  )
}
