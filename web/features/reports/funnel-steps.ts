/** How far a message comes, in order; then what goes wrong with it. */
export const FUNNEL = ['tried', 'delivered', 'clicked', 'answered', 'converted', 'optedOut', 'blocked'] as const
