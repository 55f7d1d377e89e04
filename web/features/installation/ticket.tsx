import { Anchor, Badge, Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { AskReason } from './ask-reason.tsx'

const screen = getRouteApi('/installation/tickets/$id')

/** An answer that is sent again because the network failed is still given once. */
const Answer = ({ id }: { id: string }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const [requestId, setRequestId] = useState(() => crypto.randomUUID())
  const answer = useMutation({
    mutationFn: () => call(api.ticketQueue.answer, { params: { id }, body: { text, requestId } }),
    onSuccess: async () => {
      setText('')
      setRequestId(crypto.randomUUID())
      await queries.invalidateQueries()
    },
  })
  return (
    <Stack>
      <Textarea
        label={t('installation.answer')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={4_000}
        autosize
        minRows={3}
        dir="auto"
      />
      {answer.isError && <Fault error={answer.error} />}
      <Group>
        <Button disabled={text.trim() === ''} loading={answer.isPending} onClick={() => answer.mutate()}>
          {t('installation.sendAnswer')}
        </Button>
      </Group>
    </Stack>
  )
}

/** One ticket: what was written, and the answer. */
export const Ticket = () => {
  const { t } = useTranslation()
  const { instant } = useFormats(useZone())
  const { id } = screen.useParams()
  const [isClosing, close] = useState(false)
  const ticket = useQuery(query(api.ticketQueue.get, { params: { id } }))
  if (ticket.isPending) return <Rows />
  if (ticket.isError) return <Fault error={ticket.error} onRetry={() => void ticket.refetch()} />
  const { subject, tenantName, kind, state, messages } = ticket.data
  return (
    <Stack maw={760}>
      <Anchor component={Link} to="/installation/tickets" size="sm">
        {t('installation.backToTickets')}
      </Anchor>
      <Group justify="space-between">
        <Title order={1} size="h3">
          <bdi>{subject}</bdi>
        </Title>
        {state !== 'closed' && (
          <Button variant="default" onClick={() => close(true)}>
            {t('installation.closeTicket')}
          </Button>
        )}
      </Group>
      <Group gap="xs">
        <Badge variant="outline" color="gray.8" tt="none" data-state={state}>
          {t(`installation.ticketState.${state}`)}
        </Badge>
        <Text size="sm" c="dimmed">
          #{ticket.data.id} · {t(`installation.ticketKind.${kind}`)} ·{' '}
          <bdi>{tenantName ?? t('installation.stranger')}</bdi>
        </Text>
      </Group>
      {messages.map((message) => (
        <Card key={message.id} withBorder ms={message.isFromAsker ? 0 : 'xl'} me={message.isFromAsker ? 'xl' : 0}>
          <Text size="xs" c="dimmed">
            {t(message.isFromAsker ? 'installation.asker' : 'installation.us')} · {instant(message.at)}
          </Text>
          <Text style={{ whiteSpace: 'pre-wrap' }} dir="auto">
            {message.text ?? t('installation.dropped')}
          </Text>
        </Card>
      ))}
      {state !== 'closed' && <Answer id={id} />}
      {isClosing && (
        <AskReason
          title={t('installation.closeTicket')}
          text={t('installation.closeSure')}
          label={null}
          confirm={t('installation.closeTicket')}
          perform={() => call(api.ticketQueue.close, { params: { id } })}
          onClose={() => close(false)}
        />
      )}
    </Stack>
  )
}
