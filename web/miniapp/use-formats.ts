import { useMemo } from 'react'

import { usePanelSession } from '../api/session.tsx'
import { type Formats, formatsIn } from '../lib/formats.ts'
import { localeNow } from './language.ts'

/** Instants, numbers and money in the language of the page and the tenant's time zone. */
export const useFormats = (): Formats => {
  const { timeZone } = usePanelSession().tenant
  return useMemo(() => formatsIn(localeNow(), timeZone), [timeZone])
}
