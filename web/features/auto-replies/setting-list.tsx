import { SimpleGrid, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { Settings } from './replies.ts'
import { LISTED, useSettingWords } from './use-setting-words.ts'

/** What else is set, each with the layer that decided. */
export const SettingList = ({ settings }: { settings: Settings }) => {
  const { t } = useTranslation()
  const words = useSettingWords()(settings)
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      {LISTED.map((key) => (
        <div key={key}>
          <Text size="sm" c="dimmed">
            {t(`autoReplies.setting.${key}`)}
          </Text>
          <Text fw={600}>
            <bdi>{words[key]}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            {t(`autoReplies.layer.${settings[key].source}`)}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  )
}
