import { Stack, Text } from '@mantine/core'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import { Overtaken } from '../../ui/overtaken.tsx'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import type { Template } from './template-draft.ts'

interface TemplateOvertakenProps {
  readonly id: number
  readonly detail: string
  /** Goes on with mine, on top of theirs. */
  readonly onKeep: (theirs: Template) => void
  readonly onTake: (theirs: Template) => void
}

/** Somebody saved the message meanwhile: whoever is here decides which text holds. */
export const TemplateOvertaken = ({ id, ...rest }: TemplateOvertakenProps) => {
  const languageName = useLanguageName()
  return (
    <Overtaken<Template>
      look={(signal) => call(api.templates.get, { params: { id } }, signal)}
      renderTheirs={({ name: title, variants }) => (
        <>
          <Text fw={600}>
            <bdi>{title}</bdi>
          </Text>
          {variants.map(({ name, locale, text }) => (
            <Stack key={`${name}/${locale}`} gap={4}>
              <Text size="sm" c="dimmed">
                {name.toUpperCase()} · {languageName(locale)}
              </Text>
              <TelegramBubble text={text.trim()} scheme="light" />
            </Stack>
          ))}
        </>
      )}
      {...rest}
    />
  )
}
