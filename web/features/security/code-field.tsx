import { TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { ApiError } from '../../api/client.ts'

interface CodeFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: Error | null
  readonly label: string
  readonly hint?: string
}

/** Six digits of the app, or a recovery code; what is wrong with it stands below it. */
export const CodeField = ({ value, onChange, error, label, hint }: CodeFieldProps) => {
  const { t } = useTranslation()
  const said = error instanceof ApiError ? error.problem.detail : t('state.offline')
  return (
    <TextInput
      label={label}
      description={hint}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error && said}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={64}
      dir="ltr"
      data-autofocus
    />
  )
}
