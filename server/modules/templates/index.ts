export { approveTemplate } from './approve-template.ts'
export { archiveTemplate } from './archive-template.ts'
export { createTemplate } from './create-template.ts'
export { fingerprint, fingerprintVariant } from './fingerprint.rules.ts'
export type { LintCode, LintFinding, LintSeverity } from './lint-finding.rules.ts'
export { hasLintErrors, lintTemplate } from './lint.rules.ts'
export { type PreviewOptions, type TemplatePreview, previewTemplate } from './preview-template.ts'
export {
  type RenderChoice,
  type RenderedMessage,
  escapeHtml,
  renderTemplate,
  renderVariant,
} from './rendering.rules.ts'
export { SEED_TEMPLATES } from './seed-templates.rules.ts'
export { seedTemplates } from './seed-templates.ts'
export {
  ACTION_BYTES_MAX,
  type Template,
  type TemplateButton,
  type TemplateInput,
  type TemplateMedia,
  type TemplateState,
  type TemplateVariant,
  type TemplateVariantInput,
  findVariant,
} from './template.rules.ts'
export { findTemplate, getTemplate, listTemplates, type TemplateFilter } from './template.store.ts'
export { updateTemplate } from './update-template.ts'
export type { RenderContext, RenderPerson } from './variable.rules.ts'
