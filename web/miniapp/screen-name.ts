/** The screens of the Mini App. */
export type ScreenName = 'today' | 'campaigns' | 'drafts' | 'package'
