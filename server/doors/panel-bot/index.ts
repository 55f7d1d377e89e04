export { type PanelBot, type PanelOutcome, createPanelBot } from './apply-panel-update.ts'
export { type MenuScope, listMenus } from './list-menus.ts'
export type { PanelDeps } from './panel-deps.ts'
export { PANEL_COMMANDS } from './registry.ts'
