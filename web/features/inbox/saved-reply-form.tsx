import { Button, Group, Stack, TextInput, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'
import { LOCALES } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import { Fault } from '../../ui/fault.tsx'

export type SavedReply = RouteOutput<typeof api.savedReplies.list>['items'][number]

interface SavedReplyFormProps {
  /** Null for one that nobody saved yet. */
  readonly reply: SavedReply | null
  readonly initialTexts: SavedReply['texts']
  readonly onDone: () => void
}

/** Only languages that something is written in. */
const written = (texts: SavedReply['texts']): SavedReply['texts'] =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => (text ?? '').trim() !== ''))

/** A saved reply in its languages. */
export const SavedReplyForm = ({ reply, initialTexts, onDone }: SavedReplyFormProps) => {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const languageName = useLanguageName()
  const [name, setName] = useState(reply?.name ?? '')
  const [texts, setTexts] = useState(initialTexts)
  const save = useMutation({
    mutationFn: () => {
      const body = { name, texts: written(texts) }
      return reply === null
        ? call(api.savedReplies.create, { body })
        : call(api.savedReplies.update, {
            params: { name: reply.name },
            body: { ...body, expectedVersion: reply.version },
          })
    },
    onSuccess: async () => {
      notifications.show({ message: t('savedReplies.saved'), color: 'teal.9' })
      await queries.invalidateQueries()
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const errorOf = (field: string) => (problem?.field === field ? problem.detail : undefined)
  const isAtField = problem?.field === 'name' || problem?.field?.startsWith('texts.') === true
  const own = LOCALES.find((locale) => locale === i18n.language) ?? 'tr'
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={t('savedReplies.name')}
          description={t('savedReplies.nameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorOf('name')}
          maxLength={64}
          required
          data-autofocus
        />
        {[own, ...LOCALES.filter((locale) => locale !== own)].map((locale) => (
          <Textarea
            key={locale}
            label={t('savedReplies.text', { language: languageName(locale) })}
            {...(locale === own && { description: t('savedReplies.textHint', { variable: '{{first_name}}' }) })}
            value={texts[locale] ?? ''}
            onChange={(event) => setTexts({ ...texts, [locale]: event.currentTarget.value })}
            error={errorOf(`texts.${locale}`)}
            dir={locale === 'ar' ? 'rtl' : 'ltr'}
            autosize
            minRows={locale === own ? 3 : 1}
            maxRows={8}
          />
        ))}
        {save.error && !isAtField && <Fault error={save.error} />}
        <Group justify="space-between">
          <Button variant="default" onClick={onDone}>
            {t('savedReplies.back')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('savedReplies.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
