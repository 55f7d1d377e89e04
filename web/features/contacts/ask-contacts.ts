import { api } from '#contract/api.ts'

import { callEarly } from '../../api/client.ts'
import { PAGE } from './contact-search.ts'

/** Asks for the first page of the list, where it is not narrowed. */
export const askContacts = (): void => {
  const parts = [...new URLSearchParams(location.search).keys()]
  if (parts.every((name) => name === 'tenant')) void callEarly(api.contacts.list, { query: { limit: PAGE } })
}
