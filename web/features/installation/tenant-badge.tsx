import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'

interface TenantBadgeProps {
  readonly state: 'active' | 'suspended'
  readonly sendingStopped: string | null
}

/** Whether a tenant works, in one word. */
export const TenantBadge = ({ state, sendingStopped }: TenantBadgeProps) => {
  const { t } = useTranslation()
  if (state === 'suspended')
    return (
      <Badge color="red.9" variant="filled" tt="none" data-state={state}>
        {t('words:tenantState.suspended')}
      </Badge>
    )
  return (
    <Badge color={sendingStopped === null ? 'teal.9' : 'orange.9'} variant="filled" tt="none" data-state={state}>
      {sendingStopped === null ? t('words:tenantState.active') : t('installation.sendingStopped')}
    </Badge>
  )
}
