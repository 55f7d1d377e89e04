export { type UseCategory, findUnacceptableUse } from './acceptable-use.rules.ts'
export { approveTemplate, assertLintsClean } from './approve-template.ts'
export { archiveTemplate } from './archive-template.ts'
export { createTemplate } from './create-template.ts'
export { releaseTemplate, retireTemplate, rewriteTemplate, writeTemplate } from './edit-template.ts'
export { findAdvertFault } from './find-advert-fault.ts'
export { fingerprint, fingerprintVariant } from './fingerprint.rules.ts'
export type { LintFinding } from './lint-finding.rules.ts'
export { hasLintErrors, lintTemplate } from './lint.rules.ts'
export { slotsIn } from './lint-slots.rules.ts'
export { type DraftPreview, previewDraft } from './preview-draft.ts'
export { type TemplatePreview, previewTemplate } from './preview-template.ts'
export {
  type RenderedMessage,
  type SlotTexts,
  findUnknownVariable,
  renderPlainText,
  renderVariant,
} from './rendering.rules.ts'
export { escapeText, parseTelegramHtml } from './telegram-html.rules.ts'
export { seedTemplates } from './seed-templates.ts'
export {
  type Template,
  type TemplateInput,
  type TemplateVariant,
  type TemplateVariantInput,
  findVariant,
} from './template.rules.ts'
export { findTemplate, getTemplate, listTemplates } from './template.store.ts'
export { templateVersion } from './template-version.rules.ts'
export { updateTemplate } from './update-template.ts'
export { SLOT_LENGTH_MAX, cleanValue } from './variable.rules.ts'
