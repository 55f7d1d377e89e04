import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

const GROUPS = ['reason', 'failure', 'groupReason', 'groupPostFault']

/** A recorded reason in words; one that has none is shown as it is, so that nothing is hidden. */
export const useReason = () => {
  const { t } = useTranslation()
  return useCallback(
    (reason: string) =>
      t(
        GROUPS.map((group) => `words:${group}.${reason}`),
        { defaultValue: reason },
      ),
    [t],
  )
}
