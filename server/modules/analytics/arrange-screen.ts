import type { LayoutScreen } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import { type Layout, type Widget, areAlike, completeWidgets } from './layout.rules.ts'
import { findLayout, saveWidgets } from './layout.store.ts'

/** How whoever asks arranged a screen, with every widget of it. */
export const getLayout = async (
  tx: TenantTx,
  screen: LayoutScreen,
  { by }: Pick<ActingPerson, 'by'>,
): Promise<Layout> => {
  const found = await findLayout(tx, { owner: by, screen })
  return found
    ? { ...found, widgets: completeWidgets(found.widgets) }
    : { widgets: completeWidgets([]), version: 0, updatedAt: null }
}

/**
 * Arranges a screen for whoever asks and nobody else; widgets that were left out come last. The last one wins: who saves
 * over an order that they had not seen (`basedOn` is the version on their screen) learns that it is replaced. Not audited:
 * it changes nothing but what one person looks at.
 */
export const arrangeScreen = async (
  tx: TenantTx,
  wanted: { readonly screen: LayoutScreen; readonly widgets: readonly Widget[]; readonly basedOn: number },
  { by, at }: Pick<ActingPerson, 'by' | 'at'>,
): Promise<Layout & { readonly hasReplaced: boolean }> => {
  const { screen, basedOn } = wanted
  const former = await getLayout(tx, screen, { by })
  const widgets = completeWidgets(wanted.widgets)
  const isSame = areAlike(former.widgets, widgets)
  // A second press of the button finds what the first one saved.
  if (isSame && former.version > 0) return { ...former, hasReplaced: false }
  const version = await saveWidgets(tx, { owner: by, screen }, widgets, at)
  return { widgets, version, updatedAt: at, hasReplaced: former.version !== basedOn && !isSame }
}

/** Gives whoever asks the product's own order back. Its version goes on, so that a tab that is behind is told. */
export const resetLayout = async (
  tx: TenantTx,
  screen: LayoutScreen,
  { by, at }: Pick<ActingPerson, 'by' | 'at'>,
): Promise<Layout> => {
  const version = await saveWidgets(tx, { owner: by, screen }, [], at)
  return { widgets: completeWidgets([]), version, updatedAt: at }
}
