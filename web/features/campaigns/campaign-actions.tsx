import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { type CampaignDetail, isOver, leftOf } from './campaign-figures.ts'

const ACTS = ['start', 'pause', 'resume', 'submit', 'approve', 'return', 'cancel'] as const
type Act = (typeof ACTS)[number]

/** What can be done about a campaign as it stands; the first is what is usually wanted. */
const actsFor = ({ state, needsApproval, approvedAt }: CampaignDetail): readonly Act[] => {
  const isApproved = !needsApproval || approvedAt !== null
  if (state === 'draft') return [needsApproval ? 'submit' : 'start', 'cancel']
  if (state === 'in_review') return [isApproved ? 'start' : 'approve', 'return', 'cancel']
  if (state === 'running') return ['pause', 'cancel']
  if (state === 'paused') return isApproved ? ['resume', 'cancel'] : ['approve', 'cancel']
  return []
}

/** These say first how many are concerned. */
const ASKED: readonly Act[] = ['start', 'pause', 'resume', 'cancel']

/** Asks before it acts; what the server refuses is said where it was asked. */
const Question = ({ act, campaign, onClose }: { act: Act; campaign: CampaignDetail; onClose: () => void }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const queries = useQueryClient()
  const perform = useMutation({
    mutationFn: () => call(api.campaigns[act], { params: { id: campaign.id } }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onClose()
    },
  })
  const closeButtonProps = { 'aria-label': t('campaigns.close') }
  return (
    <Modal opened onClose={onClose} title={t(`campaigns.act.${act}`)} closeButtonProps={closeButtonProps} centered>
      <Stack>
        <Text>
          {t(ASKED.includes(act) ? `campaigns.sure.${act}` : 'campaigns.sure.other', {
            name: campaign.name,
            left: formats.number(leftOf(campaign.counts)),
          })}
        </Text>
        {perform.isError && <Fault error={perform.error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('campaigns.close')}
          </Button>
          <Button
            {...(act === 'cancel' && { color: 'red' })}
            loading={perform.isPending}
            onClick={() => perform.mutate()}
          >
            {t(`campaigns.act.${act}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** Sends the message to whoever presses it, if they are a member. */
const TestButton = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const test = useMutation({
    mutationFn: () => call(api.campaigns.test, { params: { id }, body: {} }),
    onSuccess: () => notifications.show({ message: t('campaigns.tested') }),
    onError: (error) => notifications.show({ message: error.message, color: 'red' }),
  })
  return (
    <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
      {t('campaigns.test')}
    </Button>
  )
}

const MAY_CHANGE: readonly CampaignDetail['state'][] = ['draft', 'in_review']

/** Into the wizard: with this campaign while it may still be changed, or with another one like it. */
const WizardLinks = ({ campaign: { id, state } }: { campaign: CampaignDetail }) => {
  const { t } = useTranslation()
  return (
    <>
      {MAY_CHANGE.includes(state) && (
        <Button renderRoot={(props) => <Link to="/campaigns/new" search={{ edit: id }} {...props} />} variant="default">
          {t('wizard.edit')}
        </Button>
      )}
      <Button renderRoot={(props) => <Link to="/campaigns/new" search={{ clone: id }} {...props} />} variant="default">
        {t('wizard.clone')}
      </Button>
    </>
  )
}

export const CampaignActions = ({ campaign }: { campaign: CampaignDetail }) => {
  const { t } = useTranslation()
  const [asked, ask] = useState<Act | null>(null)
  const { role } = usePanelSession().tenant
  const [mayStart, mayEdit] = [useMay('campaigns.start'), useMay('campaigns.edit')]
  const acts = actsFor(campaign).filter((act) => (act === 'submit' ? mayEdit : mayStart))
  return (
    <Group gap="xs">
      {mayEdit && <WizardLinks campaign={campaign} />}
      {mayEdit && role !== null && !isOver(campaign.state) && <TestButton id={campaign.id} />}
      {acts.toReversed().map((act) => (
        <Button key={act} variant={act === acts[0] && act !== 'cancel' ? 'filled' : 'default'} onClick={() => ask(act)}>
          {t(`campaigns.act.${act}`)}
        </Button>
      ))}
      {asked !== null && <Question act={asked} campaign={campaign} onClose={() => ask(null)} />}
    </Group>
  )
}
