import { Button, Card, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

interface EntryListProps<T> {
  readonly title: string
  readonly hint?: string
  readonly entries: readonly T[]
  /** What a new entry begins as. */
  readonly fresh: T
  readonly addLabel: string
  readonly isDisabled: boolean
  /** What is wrong with the list as a whole. */
  readonly error: string | undefined
  readonly children: (entry: T, change: (entry: T) => void, i: number) => ReactNode
  readonly onChange: (entries: T[]) => void
}

/** A list whose entries are changed, added and taken out in place. */
export const EntryList = <T,>(props: EntryListProps<T>) => {
  const { title, hint, entries, fresh, addLabel, isDisabled, error, children, onChange } = props
  const { t } = useTranslation()
  return (
    <Stack component="section" gap="xs" aria-label={title}>
      <div>
        <Text component="h2" fw={600} m={0}>
          {title}
        </Text>
        {hint !== undefined && (
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        )}
      </div>
      {entries.map((entry, i) => (
        // Entries have no name of their own, and none is moved.
        <Card key={i} withBorder padding="sm">
          <Stack gap="xs">
            {children(entry, (changed) => onChange(entries.toSpliced(i, 1, changed)), i)}
            {!isDisabled && (
              <Group justify="end">
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={t('persona.removeOf', { title, number: i + 1 })}
                  onClick={() => onChange(entries.toSpliced(i, 1))}
                >
                  {t('persona.remove')}
                </Button>
              </Group>
            )}
          </Stack>
        </Card>
      ))}
      {error !== undefined && <Text c="var(--mantine-color-error)">{error}</Text>}
      {!isDisabled && (
        <Button variant="default" style={{ alignSelf: 'start' }} onClick={() => onChange([...entries, fresh])}>
          {addLabel}
        </Button>
      )}
    </Stack>
  )
}
