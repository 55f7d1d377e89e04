import { testSendTemplate } from '#server/modules/delivery/index.ts'
import {
  type Template,
  getTemplate,
  listTemplates,
  previewDraft,
  releaseTemplate,
  retireTemplate,
  rewriteTemplate,
  templateVersion,
  writeTemplate,
} from '#server/modules/templates/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'
import { showFinding } from '../show-finding.ts'

const withVersion = (template: Template) => ({ ...template, version: templateVersion(template) })

export const templateRoutes: Handlers['templates'] = () => ({
  list: ({ inTenant, query: { cursor, limit, state } }) =>
    inTenant(async (tx) => {
      const beforeId = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)
      const rows = await listTemplates(tx, { limit, beforeId, ...given({ state }) })
      const last = rows.at(-1)
      return {
        items: rows.map(withVersion),
        nextCursor: last === undefined || rows.length < limit ? null : String(last.id),
      }
    }),
  get: ({ inTenant, params: { id } }) => inTenant(async (tx) => withVersion(await getTemplate(tx, id))),
  create: ({ inTenant, actor, body }) => inTenant(async (tx) => withVersion(await writeTemplate(tx, body, actor))),
  update: ({ inTenant, actor, params: { id }, body: { expectedVersion, ...content } }) =>
    inTenant(async (tx) => withVersion(await rewriteTemplate(tx, id, content, expectedVersion, actor))),
  approve: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => withVersion(await releaseTemplate(tx, id, actor))),
  archive: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => withVersion(await retireTemplate(tx, id, actor))),
  preview: ({ inTenant, actor, locale, body }) =>
    inTenant(async (tx) => {
      const { findings, people, samples } = await previewDraft(tx, body, actor)
      return {
        findings: findings.map(showFinding(locale)),
        people,
        samples: samples.map(({ message: { text, media, buttons }, ...sample }) => ({
          ...sample,
          text,
          media: media ?? null,
          buttons,
        })),
      }
    }),
  test: ({ inTenant, actor, params: { id }, body: { accountId, variant, locale } }) =>
    inTenant(async (tx) => ({
      deliveryId: await testSendTemplate(tx, { templateId: id, accountId, ...given({ variant, locale }) }, actor),
    })),
})
