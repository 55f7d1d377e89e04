import { LOCALES, MESSAGE_CLASSES, MESSAGE_STYLES } from '#contract/words.ts'
import { type TemplateDraft, draftTemplate } from '#server/modules/conversations/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { askingDeps } from '../asking-deps.ts'
import { command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { manyLines } from '../present/table.ts'
import { paint } from '../terminal.ts'

const ANY_ID = Number.MAX_SAFE_INTEGER

const renderDraft = ({ t, terminal }: CliContext, draft: TemplateDraft): string => {
  if (draft.kind === 'unanswered') return t('templates.notDrafted', { why: t(`words:modelRefusal.${draft.reason}`) })
  const refused = draft.refused.map(({ text, findings }) => {
    const why = findings.map((finding) => t(`words:answerFinding.${finding}`)).join(', ')
    return `${paint(terminal, 'yellow', t('templates.wordingRefused', { why }))}\n${manyLines(text)}`
  })
  if (draft.kind === 'refused') return [t('templates.noWording'), ...refused].join('\n\n')
  const { id, name, draftedBy, variants } = draft.template
  return [
    t('templates.drafted', { id, name, model: draftedBy ?? '' }),
    ...variants.map((v) => `${paint(terminal, 'bold', `${v.name} · ${v.locale}`)}\n${manyLines(v.text)}`),
    ...draft.findings.map((finding) => `${finding.field}: ${t(`lint:${finding.code}`, finding.params)}`),
    ...refused,
    t('templates.draftNext', { id }),
  ].join('\n\n')
}

/** Has the tenant's model draft a template; it stays a draft until a member approves it. */
export const writeTemplate = command({
  name: 'write',
  options: [
    { name: 'brief', value: 'text', required: true },
    { name: 'account', value: 'id', required: true },
    { name: 'style', value: MESSAGE_STYLES.join('|') },
    { name: 'language', value: LOCALES.join('|') },
    { name: 'class', value: MESSAGE_CLASSES.join('|') },
    { name: 'wordings', value: 'n' },
    { name: 'template-name', value: 'name' },
    MEMBER_OPTION,
  ],
  run: async (context, input) => {
    const deps = await askingDeps(context)
    const name = input.text('template-name')
    const tenant = await context.tenant()
    const actor = await context.read((tx) => actingMember(tx, context, input))
    return draftTemplate(
      deps,
      tenant.id,
      {
        brief: input.text('brief') ?? '',
        accountId: input.whole('account', 1, ANY_ID) ?? 0,
        style: input.oneOf('style', MESSAGE_STYLES),
        language: input.oneOf('language', LOCALES) ?? tenant.locale,
        messageClass: input.oneOf('class', MESSAGE_CLASSES) ?? 'commercial',
        wordings: input.whole('wordings', 1, 4) ?? 2,
        ...(name !== null && { name }),
      },
      actor,
    )
  },
  render: renderDraft,
  exitCode: ({ kind }) => (kind === 'drafted' ? EXIT.ok : EXIT.refused),
})
