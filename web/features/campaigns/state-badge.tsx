import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { CampaignState } from '#contract/words.ts'

import { STATE_COLORS } from './campaign-figures.ts'

/** Where a campaign stands, in words; the dot is for those who see colours. */
export const StateBadge = ({ state }: { state: CampaignState }) => {
  const { t } = useTranslation()
  return (
    <Badge
      variant="default"
      data-state={state}
      leftSection={
        <span
          aria-hidden
          style={{
            display: 'inline-block',
            width: 8,
            height: 8,
            borderRadius: 4,
            background: `var(--mantine-color-${STATE_COLORS[state]}-6)`,
          }}
        />
      }
    >
      {t(`words:campaignState.${state}`)}
    </Badge>
  )
}
