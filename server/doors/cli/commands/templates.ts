import { MESSAGE_STYLES } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type LintFinding,
  type Template,
  type TemplateInput,
  type TemplatePreview,
  approveTemplate,
  archiveTemplate,
  createTemplate,
  getTemplate,
  hasLintErrors,
  listTemplates,
  previewTemplate,
} from '#server/modules/templates/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { manyLines, renderPairs, renderTable } from '../present/table.ts'
import { readJsonObject } from '../read-json-file.ts'
import { paint } from '../terminal.ts'
import { writeTemplate } from './template-draft.ts'

const PAGE = 500

/** A template by its number or its name. Errors: `not_found`. */
export const resolveTemplate = async (tx: TenantTx, reference: string): Promise<Template> => {
  if (/^\d{1,15}$/.test(reference)) return getTemplate(tx, Number(reference))
  for (let afterId = 0; ;) {
    const page = await listTemplates(tx, { afterId, limit: PAGE })
    const found = page.find((template) => template.name === reference)
    if (found) return found
    if (page.length < PAGE) throw notFound('template', reference)
    afterId = page.at(-1)?.id ?? afterId
  }
}

const renderFindings = ({ t, terminal }: CliContext, findings: readonly LintFinding[]): string =>
  findings.length === 0
    ? paint(terminal, 'green', t('templates.lintClean'))
    : findings
        .map((finding) => {
          const where = [finding.variant, finding.locale, finding.field].filter((part) => part !== null).join(' · ')
          const mark = t(finding.severity === 'error' ? 'templates.error' : 'templates.warning')
          return `${paint(terminal, finding.severity === 'error' ? 'red' : 'yellow', mark)}  ${where}: ${t(`lint:${finding.code}`, finding.params)}`
        })
        .join('\n')

const renderTemplates = ({ t, terminal }: CliContext, templates: readonly Template[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('column.class'), value: (row) => t(`words:messageClass.${row.messageClass}`) },
      { title: t('column.style'), value: (row) => row.style ?? '' },
      { title: t('column.state'), value: (row) => t(`words:templateState.${row.state}`) },
      { title: t('column.variants'), value: (row) => [...new Set(row.variants.map((v) => v.name))].join(', ') },
      { title: t('column.languages'), value: (row) => [...new Set(row.variants.map((v) => v.locale))].join(', ') },
    ],
    templates,
    t('templates.none'),
  )

const renderPreview = (context: CliContext, { template, samples, slots, findings }: TemplatePreview): string => {
  const { t, terminal } = context
  const blocks = samples.map(({ contactId, variant, locale, message, length }) => {
    const person = contactId === null ? t('templates.nobody') : t('templates.person', { id: contactId })
    const buttons = (message.buttons ?? []).map((row) => row.map((button) => `[ ${button.text} ]`).join(' '))
    const head = paint(
      terminal,
      'bold',
      `${person} · ${variant} · ${locale} · ${t('templates.length', { count: length })}`,
    )
    return [head, manyLines(message.text), ...buttons].join('\n')
  })
  const written = slots.map(({ slot, variant, locale, fallback, brief }) =>
    t('templates.slot', { slot, where: `${variant} · ${locale}`, fallback, brief: brief ?? t('templates.noBrief') }),
  )
  const told = written.length > 0 ? [written.join('\n')] : []
  return [paint(terminal, 'bold', template.name), ...blocks, ...told, renderFindings(context, findings)].join('\n\n')
}

const list = command({
  name: 'list',
  options: [{ name: 'style', value: 'style' }],
  run: (context, input) =>
    context.read(async (tx) => {
      const style = input.oneOf('style', MESSAGE_STYLES)
      return listTemplates(tx, { limit: PAGE, ...(style !== null && { style }) })
    }),
  render: renderTemplates,
})

const add = command({
  name: 'add',
  args: [{ name: 'template-file' }],
  options: [{ name: 'approve' }],
  run: async (context, input) => {
    const given = await readJsonObject('template-file', input.arg('template-file'))
    return context.change(async (tx) => {
      // The module checks every field of what a file may hold.
      const created = await createTemplate(tx, given as unknown as TemplateInput, context.now())
      const { findings } = await previewTemplate(tx, created.id, { people: 0 })
      const template = input.isOn('approve') ? await approveTemplate(tx, created.id, context.now()) : created
      return { template, findings }
    })
  },
  render: (context, { template, findings }) =>
    [context.t('templates.added', { id: template.id, name: template.name }), renderFindings(context, findings)].join(
      '\n',
    ),
})

const lint = command({
  name: 'lint',
  args: [{ name: 'template' }],
  options: [{ name: 'advert' }],
  run: (context, input) =>
    context.read(async (tx) => {
      const { id, name } = await resolveTemplate(tx, input.arg('template'))
      const { findings } = await previewTemplate(tx, id, { people: 0, isAdvert: input.isOn('advert') })
      return { id, name, findings }
    }),
  render: (context, { findings }) => renderFindings(context, findings),
  exitCode: ({ findings }) => (hasLintErrors(findings) ? EXIT.refused : EXIT.ok),
})

const preview = command({
  name: 'preview',
  args: [{ name: 'template' }],
  options: [{ name: 'contact', value: 'id', many: true }],
  run: (context, input) =>
    context.read(async (tx) => {
      const { id } = await resolveTemplate(tx, input.arg('template'))
      const contactIds = input.ids('contact')
      return previewTemplate(tx, id, contactIds.length > 0 ? { contactIds } : {})
    }),
  render: renderPreview,
})

const show = command({
  name: 'show',
  args: [{ name: 'template' }],
  run: (context, input) => context.read((tx) => resolveTemplate(tx, input.arg('template'))),
  render: ({ t, terminal }, template) =>
    [
      renderPairs(terminal, [
        [t('column.id'), template.id],
        [t('column.name'), template.name],
        [t('column.class'), t(`words:messageClass.${template.messageClass}`)],
        [t('column.state'), t(`words:templateState.${template.state}`)],
        ...(template.draftedBy === null ? [] : ([[t('templates.draftedBy'), template.draftedBy]] as const)),
      ]),
      ...template.variants.map(
        (v) => `${paint(terminal, 'bold', `${v.name} · ${v.locale} · ${v.weight}`)}\n${manyLines(v.text)}`,
      ),
    ].join('\n\n'),
})

const approve = command({
  name: 'approve',
  args: [{ name: 'template' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await resolveTemplate(tx, input.arg('template'))
      return approveTemplate(tx, id, context.now())
    }),
  render: ({ t }, template) => t('templates.approved', { id: template.id, name: template.name }),
})

const archive = command({
  name: 'archive',
  args: [{ name: 'template' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id, name } = await resolveTemplate(tx, input.arg('template'))
      await archiveTemplate(tx, id, context.now())
      return { id, name }
    }),
  render: ({ t }, template) => t('templates.archived', template),
})

export const templates: CommandGroup = {
  name: 'templates',
  commands: [list, add, writeTemplate, show, lint, preview, approve, archive],
}
