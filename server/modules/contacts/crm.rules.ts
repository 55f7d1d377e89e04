import { invalid } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { cleanText } from './contact.rules.ts'

/** What a member wrote about a contact. Instants are epoch ms. */
export interface ContactNote {
  readonly id: number
  readonly contactId: number
  readonly text: string
  /** `member:12`, `cli`. */
  readonly writtenBy: string
  readonly at: number
}

/** Something to be done about a contact. */
export interface ContactTask {
  readonly id: number
  readonly contactId: number
  readonly title: string
  readonly dueAt: number | null
  /** Member id; null while it is nobody's. */
  readonly assignedTo: number | null
  readonly createdBy: string
  readonly createdAt: number
  readonly doneAt: number | null
  readonly doneBy: string | null
}

/** A tenant's way of getting on with a contact, and its stages in their order. */
export interface Pipeline {
  readonly id: number
  readonly name: string
  readonly stages: readonly PipelineStage[]
}

export interface PipelineStage {
  readonly id: number
  readonly name: string
}

const checkLength = (field: string, text: string, max: number): string => {
  const trimmed = cleanText(text, max + 1).trim()
  if (trimmed.length === 0 || trimmed.length > max)
    throw invalid('text_length', field, { min: 1, max, length: trimmed.length })
  return trimmed
}

/** Errors: `invalid/text_length`. */
export const checkContactNote = (text: string): string => checkLength('text', text, 4_000)
/** Errors: `invalid/text_length`. */
export const checkTaskTitle = (title: string): string => checkLength('title', title, 200)
/** Errors: `invalid/text_length`. */
export const checkPipelineName = (name: string): string => checkLength('name', name, 64)

const DUE_MAX_DAYS = 3_660

/** When something is to be done; the past is allowed, as what is late is noted late. Errors: `invalid/task_due`. */
export const checkDue = (dueAt: number | null, at: number): number | null => {
  if (dueAt !== null && (!Number.isSafeInteger(dueAt) || Math.abs(dueAt - at) > DUE_MAX_DAYS * DAY_MS))
    throw invalid('task_due', 'dueAt', { max: DUE_MAX_DAYS })
  return dueAt
}

const STAGES_MAX = 30

/** Names of stages as they are stored: trimmed, different from each other whatever their case. Errors: `invalid/pipeline_stages`. */
export const checkStages = (names: readonly string[]): readonly string[] => {
  const clean = names.map((name) => cleanText(name, 1_000).trim())
  const isFit = clean.every((name) => name.length >= 1 && name.length <= 64)
  const areDifferent = new Set(clean.map((name) => name.toLowerCase())).size === clean.length
  if (clean.length === 0 || clean.length > STAGES_MAX || !isFit || !areDifferent)
    throw invalid('pipeline_stages', 'stages', { max: STAGES_MAX })
  return clean
}
