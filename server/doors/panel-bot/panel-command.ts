// A talk knows the commands, and a command answers a talk: they are declared together.
export type { PanelAction, PanelCommand, Written } from './talk.ts'
