import { Anchor, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { LinkBot } from './link-bot.tsx'
import { LinkBusiness } from './link-business.tsx'
import { LinkOwn } from './link-own.tsx'

/** A connection is made in Telegram: it is seen here soon after. */
const LOOK_AGAIN_MS = 5_000

/** The three ways to link an account, the safest first. */
export const LinkAccount = () => {
  const { t } = useTranslation()
  const ways = useQuery({ ...query(api.links.ways, {}), refetchInterval: LOOK_AGAIN_MS })
  return (
    <Stack gap="lg" maw={760}>
      <div>
        <Title order={1} size="h3">
          {t('links.title')}
        </Title>
        <Anchor component={Link} to="/accounts" size="sm">
          {t('links.back')}
        </Anchor>
      </div>
      <Text>{t('links.intro')}</Text>
      <LinkBot />
      {ways.isPending && <Rows count={2} />}
      {ways.isError && <Fault error={ways.error} onRetry={() => void ways.refetch()} />}
      {ways.isSuccess && (
        <>
          <LinkBusiness bots={ways.data.businessBots} waiting={ways.data.waiting} />
          <LinkOwn isOn={ways.data.own} />
        </>
      )}
    </Stack>
  )
}
