import '@mantine/notifications/styles.css'

import { Notifications } from '@mantine/notifications'

/** Where what was done, or could not be, is said for a moment. */
export const Notices = () => <Notifications position="top-center" />
