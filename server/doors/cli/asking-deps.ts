import { invalid } from '#server/base/errors.ts'
import type { SlotDeps } from '#server/modules/conversations/index.ts'
import { createAskModel } from '#server/modules/llm/index.ts'

import type { CliContext } from './context.ts'

/** A way to the tenant's model. A real question costs real tokens, so there is nothing to rehearse. Errors: `invalid/no_dry_run`. */
export const askingDeps = async (context: CliContext): Promise<SlotDeps> => {
  if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
  const { box, model, installation } = await context.host.models()
  const { clock } = context.host
  const db = await context.db()
  return { db, clock, askModel: createAskModel({ db, box, clock, model, installation }) }
}
