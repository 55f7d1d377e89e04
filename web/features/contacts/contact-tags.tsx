import { Badge, Group, TagsInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'

const without = (tags: readonly string[], others: readonly string[]) => tags.filter((tag) => !others.includes(tag))

/** The person's tags; what is added or taken away holds at once. */
export const ContactTags = ({ id, tags }: { id: number; tags: readonly string[] }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayEdit = useMay('contacts.edit')
  const change = useMutation({
    mutationFn: async (wanted: readonly string[]) => {
      const [added, gone] = [without(wanted, tags), without(tags, wanted)]
      if (added.length > 0) await call(api.contacts.addTags, { params: { id }, body: { tags: added } })
      if (gone.length > 0) await call(api.contacts.removeTags, { params: { id }, body: { tags: gone } })
    },
    onSettled: () => queries.invalidateQueries(),
  })
  if (!mayEdit)
    return (
      <Group gap={4}>
        {tags.map((tag) => (
          <Badge key={tag} variant="default">
            <bdi>{tag}</bdi>
          </Badge>
        ))}
      </Group>
    )
  return (
    <TagsInput
      label={t('contacts.tags')}
      description={t('contact.tagsHint')}
      value={[...(change.isPending ? change.variables : tags)]}
      onChange={(wanted) => change.mutate(wanted)}
      error={change.error instanceof ApiError ? change.error.problem.detail : change.isError && t('state.offline')}
    />
  )
}
