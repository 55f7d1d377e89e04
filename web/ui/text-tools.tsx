import { Button, Group, Text } from '@mantine/core'
import type { RefObject } from 'react'
import { useTranslation } from 'react-i18next'

import { TEMPLATE_VARIABLES } from '#contract/words.ts'

const MARKS = [
  ['bold', 'b'],
  ['italic', 'i'],
  ['underline', 'u'],
  ['strike', 's'],
  ['spoiler', 'tg-spoiler'],
  ['quote', 'blockquote'],
  ['code', 'code'],
] as const

/** What of a variable is always there and needs no word for those without it. */
const ALWAYS: readonly string[] = ['sender', 'opt_out']

interface TextToolsProps {
  readonly area: RefObject<HTMLTextAreaElement | null>
  readonly onChange: (text: string) => void
}

/** Buttons that put marks around what is chosen in the text, and variables where the cursor is. */
export const TextTools = ({ area, onChange }: TextToolsProps) => {
  const { t } = useTranslation()
  /** Puts `before` and `after` around what is chosen; the cursor stays inside. */
  const wrap = (before: string, after: string) => {
    const element = area.current
    if (!element) return
    const { value, selectionStart: from, selectionEnd: to } = element
    const chosen = value.slice(from, to)
    onChange(`${value.slice(0, from)}${before}${chosen}${after}${value.slice(to)}`)
    requestAnimationFrame(() => {
      element.focus()
      element.setSelectionRange(from + before.length, from + before.length + chosen.length)
    })
  }
  const insert = (name: string) => (ALWAYS.includes(name) ? wrap(`{{${name}}}`, '') : wrap(`{{${name}|`, '}}'))
  return (
    <>
      <Group gap={4}>
        {MARKS.map(([name, tag]) => (
          <Button key={name} size="compact-sm" variant="default" onClick={() => wrap(`<${tag}>`, `</${tag}>`)}>
            {t(`templates.mark.${name}`)}
          </Button>
        ))}
        <Button size="compact-sm" variant="default" onClick={() => wrap('<a href="https://">', '</a>')}>
          {t('templates.mark.link')}
        </Button>
      </Group>
      <Group gap={4}>
        <Text size="sm" c="dimmed">
          {t('templates.variables')}:
        </Text>
        {TEMPLATE_VARIABLES.map((name) => (
          <Button key={name} size="compact-sm" variant="light" onClick={() => insert(name)}>
            {t(`templates.variable.${name}`)}
          </Button>
        ))}
      </Group>
    </>
  )
}
