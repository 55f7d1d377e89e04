import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { TemplateState as State } from '#contract/words.ts'

/** Where a message stands, in words. */
export const TemplateState = ({ state }: { state: State }) => {
  const { t } = useTranslation()
  return (
    <Badge variant="default" data-state={state}>
      {t(`words:templateState.${state}`)}
    </Badge>
  )
}
