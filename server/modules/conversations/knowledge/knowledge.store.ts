import { sql } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type SearchWord, indexWords } from './knowledge-words.rules.ts'
import type { KnowledgeFile, KnowledgeKind } from './knowledge.rules.ts'
import type { Passage } from './split-knowledge.rules.ts'

interface FileRow {
  readonly id: number
  readonly account_id: number
  readonly name: string
  readonly version: number
  readonly kind: string
  readonly language: string
  readonly byte_count: number
  readonly added_by: string
  readonly added_at: Date
  readonly passage_count: number
}

const toFile = (row: FileRow): KnowledgeFile => ({
  id: row.id,
  accountId: row.account_id,
  name: row.name,
  version: row.version,
  kind: row.kind as KnowledgeKind,
  language: row.language as Locale,
  byteCount: row.byte_count,
  passageCount: row.passage_count,
  addedBy: row.added_by,
  addedAt: row.added_at.getTime(),
})

const files = (tx: TenantTx) =>
  tx
    .selectFrom('knowledge_file as f')
    .select(['f.id', 'f.account_id', 'f.name', 'f.version', 'f.kind', 'f.language', 'f.byte_count', 'f.added_by'])
    .select([
      'f.added_at',
      sql<number>`(select count(*)::int from knowledge_passage p where p.tenant_id = f.tenant_id and p.file_id = f.id)`.as(
        'passage_count',
      ),
    ])
    .where('f.tenant_id', '=', tx.tenantId)

/** The files in force of an account, by name. */
export const selectKnowledge = async (tx: TenantTx, accountId: number): Promise<readonly KnowledgeFile[]> =>
  (
    await files(tx).where('f.account_id', '=', accountId).where('f.is_current', '=', true).orderBy('f.name').execute()
  ).map(toFile)

/** Every kept version of one file, newest first. */
export const selectKnowledgeVersions = async (
  tx: TenantTx,
  accountId: number,
  name: string,
): Promise<readonly KnowledgeFile[]> =>
  (
    await files(tx)
      .where('f.account_id', '=', accountId)
      .where('f.name', '=', name)
      .orderBy('f.version', 'desc')
      .execute()
  ).map(toFile)

/** The text of one version, as it was taken in. */
export const selectKnowledgeText = async (tx: TenantTx, fileId: number): Promise<string> => {
  const { content } = await tx
    .selectFrom('knowledge_file')
    .select('content')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', fileId)
    .executeTakeFirstOrThrow()
  return content
}

/** PostgreSQL's dictionaries by language; an installation without one goes by the folded words alone. */
const configOf = (language: unknown) => sql`coalesce(
  (select c.oid::regconfig from pg_ts_config c where c.cfgnamespace = 'pg_catalog'::regnamespace and c.cfgname =
    case ${language} when 'tr' then 'turkish' when 'en' then 'english' when 'ru' then 'russian' else 'arabic' end),
  'simple'::regconfig)`

/** How many former versions of a file are kept. */
const VERSIONS_KEPT = 10
const PASSAGE_BATCH = 500

/** Puts a version in force in place of the one before. The caller holds the account's voice lock. Gives its id. */
export const insertKnowledge = async (
  tx: TenantTx,
  file: Omit<KnowledgeFile, 'id' | 'passageCount'> & { readonly content: string },
  passages: readonly Passage[],
): Promise<number> => {
  const { accountId, name, version, language } = file
  await sql`
    delete from knowledge_passage where tenant_id = ${tx.tenantId} and file_id in (
      select id from knowledge_file where tenant_id = ${tx.tenantId} and account_id = ${accountId} and name = ${name})`.execute(
    tx,
  )
  await sql`
    update knowledge_file set is_current = false
    where tenant_id = ${tx.tenantId} and account_id = ${accountId} and name = ${name} and is_current`.execute(tx)
  await sql`
    delete from knowledge_file where tenant_id = ${tx.tenantId} and account_id = ${accountId} and name = ${name}
      and version < ${version - VERSIONS_KEPT}`.execute(tx)
  const { id } = await tx
    .insertInto('knowledge_file')
    .values({
      tenant_id: tx.tenantId,
      account_id: accountId,
      name,
      version,
      is_current: true,
      kind: file.kind,
      language,
      content: file.content,
      byte_count: file.byteCount,
      added_by: file.addedBy,
      added_at: toDate(file.addedAt),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (let from = 0; from < passages.length; from += PASSAGE_BATCH)
    await insertPassages(tx, id, from, passages.slice(from, from + PASSAGE_BATCH), language)
  return id
}

const insertPassages = async (
  tx: TenantTx,
  fileId: number,
  from: number,
  passages: readonly Passage[],
  language: Locale,
): Promise<void> => {
  const words = passages.map(({ heading, text }) => indexWords(`${heading} ${text}`, language))
  await sql`
    insert into knowledge_passage (tenant_id, file_id, number, heading, text, words)
    select ${tx.tenantId}, ${fileId}, ${from} + n, heading, body, to_tsvector(config, words) || to_tsvector('simple', folded)
    from unnest(${passages.map(({ heading }) => heading)}::text[], ${passages.map(({ text }) => text)}::text[],
      ${words.map((w) => w.words)}::text[], ${words.map((w) => w.folded)}::text[])
      with ordinality as p(heading, body, words, folded, n),
      (select ${configOf(sql.val(language))} as config) c`.execute(tx)
}

/** Removes a file with all its versions; false where there is none. The caller holds the account's voice lock. */
export const deleteKnowledge = async (tx: TenantTx, accountId: number, name: string): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('knowledge_file')
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** The passages of one version, in its order. */
export const selectPassages = async (tx: TenantTx, fileId: number): Promise<readonly Passage[]> =>
  tx
    .selectFrom('knowledge_passage')
    .select(['heading', 'text'])
    .where('tenant_id', '=', tx.tenantId)
    .where('file_id', '=', fileId)
    .orderBy('number')
    .execute()

/** A passage that was found, and where it stands. */
export interface FoundPassage extends Passage {
  /** The file's name. */
  readonly source: string
  readonly version: number
  /** Place in the file, from 1. */
  readonly number: number
  /** How much of the question it holds, 0–1: rare words weigh more. */
  readonly score: number
}

/**
 * The passages of an account that hold most of the words, best first. A word weighs by how few passages hold it, one that
 * stands nowhere as the rarest; equal scores go by how often the words stand there, then by place.
 */
export const searchPassages = async (
  tx: TenantTx,
  accountId: number,
  words: readonly SearchWord[],
  limit: number,
): Promise<readonly FoundPassage[]> => {
  if (words.length === 0) return []
  const { rows } = await sql<FoundPassage>`
    with passage as materialized (
      select p.file_id, p.number, p.heading, p.text, p.words, f.name, f.version, f.language
      from knowledge_file f
      join knowledge_passage p on p.tenant_id = f.tenant_id and p.file_id = f.id
      where f.tenant_id = ${tx.tenantId} and f.account_id = ${accountId} and f.is_current
    ), language as (
      select language, ${configOf(sql.ref('l.language'))} as config from (select distinct language from passage) l
    ), term as materialized (
      select w.n, l.language,
        plainto_tsquery(l.config, w.word) || plainto_tsquery('simple', case l.language when 'tr' then w.root else w.folded end) as query
      from language l, unnest(${words.map((w) => w.word)}::text[], ${words.map((w) => w.folded)}::text[],
        ${words.map((w) => w.root)}::text[]) with ordinality as w(word, folded, root, n)
    ), hit as materialized (
      select p.file_id, p.number, t.n, ts_rank(p.words, t.query) as rank
      from passage p join term t on t.language = p.language and p.words @@ t.query
    ), weight as materialized (
      select w.n, ln(1 + (select count(*) from passage)::float8 / greatest(1, count(h.n))) as weight
      from generate_series(1, ${words.length}) as w(n) left join hit h on h.n = w.n group by w.n
    )
    select p.heading, p.text, p.name as source, p.version, p.number,
      sum(w.weight) / (select sum(weight) from weight) as score
    from hit h join weight w on w.n = h.n join passage p on p.file_id = h.file_id and p.number = h.number
    group by p.file_id, p.number, p.heading, p.text, p.name, p.version
    order by score desc, sum(h.rank) desc, p.name, p.number limit ${limit}`.execute(tx)
  return rows
}
