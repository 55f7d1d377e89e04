/** Work that is done later, outside the transaction that asks for it. A new job is a new entry here. */
export interface JobPayloads {
  /** Segments of these contacts are computed again. */
  readonly 'segments.assign': { readonly tenantId: number; readonly contactIds: readonly number[] }
  /** Segments of a whole tenant: rules that depend on time alone change without an event. */
  readonly 'segments.sweep': { readonly tenantId: number }
  /** A tenant's model writes personal slots of what is due within a day. */
  readonly 'slots.write': { readonly tenantId: number }
  /** A tenant's model is asked for a second opinion on segments. */
  readonly 'segments.opinions': { readonly tenantId: number }
  /** Deliveries of the coming hours are planned for a tenant. */
  readonly 'deliveries.plan': { readonly tenantId: number }
  /** Interests are read, invitations proposed and newcomers counted for a tenant. */
  readonly 'invites.plan': { readonly tenantId: number }
  /** Approved invitations of a tenant are queued; links of its invitations are made and ended. */
  readonly 'invites.work': { readonly tenantId: number }
  /** What is wanted in a tenant's groups is done there. */
  readonly 'groups.act': { readonly tenantId: number }
  /** Telegram is asked about a tenant's chats. */
  readonly 'groups.refresh': { readonly tenantId: number }
  /** Posts of a tenant whose time has come are queued, and those that ended are seen to. */
  readonly 'posts.run': { readonly tenantId: number }
  /** A running campaign's deliveries are written. */
  readonly 'campaign.plan': { readonly tenantId: number; readonly campaignId: number }
  /** Everybody in a tenant's drips goes on whose time has come. */
  readonly 'drips.advance': { readonly tenantId: number }
  /** Endpoints of a tenant are called with what is due. */
  readonly 'webhooks.deliver': { readonly tenantId: number }
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
  'slots.write': { expireSeconds: 1_800, retries: 1, concurrency: 1 },
  'segments.opinions': { expireSeconds: 1_800, retries: 1, concurrency: 1 },
  'deliveries.plan': { expireSeconds: 1_800, retries: 3, concurrency: 1 },
  'invites.plan': { expireSeconds: 1_800, retries: 3, concurrency: 1 },
  'invites.work': { expireSeconds: 1_800, retries: 3, concurrency: 1 },
  'groups.act': { expireSeconds: 600, retries: 3, concurrency: 2 },
  'groups.refresh': { expireSeconds: 900, retries: 1, concurrency: 1 },
  'posts.run': { expireSeconds: 300, retries: 3, concurrency: 2 },
  'campaign.plan': { expireSeconds: 3_600, retries: 5, concurrency: 1 },
  'drips.advance': { expireSeconds: 900, retries: 2, concurrency: 1 },
  // Mostly waits for servers of others.
  'webhooks.deliver': { expireSeconds: 300, retries: 1, concurrency: 6 },
}

export const JOB_NAMES = Object.keys(QUEUES) as readonly JobName[]

export interface JobRequest<N extends JobName = JobName> {
  readonly name: N
  readonly payload: JobPayloads[N]
}

/** Asks for work, now or after so many seconds. Delivered at least once, so doing a job twice must not hurt. */
export type EnqueueJobs = <N extends JobName>(
  name: N,
  payloads: readonly JobPayloads[N][],
  afterSeconds?: number,
) => Promise<void>

/** What is done for each job. */
export type JobHandlers = { readonly [N in JobName]: (payload: JobPayloads[N], signal: AbortSignal) => Promise<void> }
