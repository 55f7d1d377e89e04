/** Work that is done later, outside the transaction that asks for it. A new job is a new entry here. */
export interface JobPayloads {
  /** Segments of these contacts are computed again. */
  readonly 'segments.assign': { readonly tenantId: number; readonly contactIds: readonly number[] }
  /** Segments of a whole tenant: rules that depend on time alone change without an event. */
  readonly 'segments.sweep': { readonly tenantId: number }
  /** Deliveries of the coming hours are planned for a tenant. */
  readonly 'deliveries.plan': { readonly tenantId: number }
  /** A running campaign's deliveries are written. */
  readonly 'campaign.plan': { readonly tenantId: number; readonly campaignId: number }
}

export type JobName = keyof JobPayloads

export interface QueueSettings {
  /** How long one job may take before it counts as dead and is given to another worker. */
  readonly expireSeconds: number
  /** How often a failed job is tried again, with waits that double from one second. */
  readonly retries: number
  /** Jobs of different tenants done at once in one process. */
  readonly concurrency: number
}

/** Of one queue, a tenant has at most one job under way in all processes; any number may wait. */
export const QUEUES: Readonly<Record<JobName, QueueSettings>> = {
  'segments.assign': { expireSeconds: 300, retries: 5, concurrency: 1 },
  'segments.sweep': { expireSeconds: 3_600, retries: 3, concurrency: 1 },
  'deliveries.plan': { expireSeconds: 1_800, retries: 3, concurrency: 1 },
  'campaign.plan': { expireSeconds: 3_600, retries: 5, concurrency: 1 },
}

export const JOB_NAMES = Object.keys(QUEUES) as readonly JobName[]

export interface JobRequest<N extends JobName = JobName> {
  readonly name: N
  readonly payload: JobPayloads[N]
}

/** Asks for work. Delivered at least once, so doing a job twice must not hurt. */
export type EnqueueJobs = <N extends JobName>(name: N, payloads: readonly JobPayloads[N][]) => Promise<void>

/** What is done for each job. */
export type JobHandlers = { readonly [N in JobName]: (payload: JobPayloads[N], signal: AbortSignal) => Promise<void> }
