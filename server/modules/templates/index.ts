export { createTemplate } from './create-template.ts'
export { fingerprint, fingerprintVariant } from './fingerprint.rules.ts'
export { type RenderChoice, type RenderedMessage, renderTemplate, renderVariant } from './rendering.rules.ts'
export {
  ACTION_BYTES_MAX,
  type Template,
  type TemplateButton,
  type TemplateInput,
  type TemplateMedia,
  type TemplateState,
  type TemplateVariant,
  findVariant,
} from './template.rules.ts'
export { findTemplate, getTemplate, listTemplates, type TemplateFilter } from './template.store.ts'
export type { RenderContext, RenderPerson } from './variable.rules.ts'
