import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { call } from '../api/client.ts'
import { api } from '../api/queries.ts'
import { useMay } from '../api/session.tsx'
import { t } from './language.ts'
import { Back, Fault, Figure, Question, Waiting } from './parts.tsx'
import { type CampaignDetail, leftOf, sentOf } from './progress.ts'
import { feel } from './telegram.ts'
import { useFormats } from './use-formats.ts'
import { useLiveCampaign } from './use-live-campaign.ts'

/** Holds what runs, lets go on what is held; everything else is done in the web panel. */
const HoldButton = ({ campaign }: { campaign: CampaignDetail }) => {
  const { number } = useFormats()
  const queries = useQueryClient()
  const [isAsked, ask] = useState(false)
  const act = campaign.state === 'running' ? 'pause' : 'resume'
  const perform = useMutation({
    mutationFn: () => call(api.campaigns[act], { params: { id: campaign.id } }),
    onSuccess: async () => {
      feel('success')
      await queries.invalidateQueries()
      ask(false)
    },
    onError: () => feel('error'),
  })
  return (
    <>
      <button type="button" className="main wide" onClick={() => ask(true)}>
        {t(`campaigns.${act}`)}
      </button>
      {isAsked && (
        <Question
          title={t(`campaigns.${act}`)}
          text={t(`campaigns.${act}Sure`, { name: campaign.name, left: number(leftOf(campaign.counts)) })}
          yes={t(`campaigns.${act}`)}
          isBusy={perform.isPending}
          error={perform.error}
          onYes={() => perform.mutate()}
          onNo={() => ask(false)}
        />
      )}
    </>
  )
}

/** One campaign as it goes. */
export const Campaign = ({ id, onBack }: { id: number; onBack: () => void }) => {
  const { number } = useFormats()
  const mayStart = useMay('campaigns.start')
  const campaign = useLiveCampaign(id)
  const { data } = campaign
  return (
    <>
      <Back onBack={onBack} />
      {campaign.isPending && <Waiting />}
      {campaign.isError && <Fault error={campaign.error} onRetry={() => void campaign.refetch()} />}
      {data && (
        <>
          <h1>
            <bdi>{data.name}</bdi>
          </h1>
          <p>
            <span className="badge" data-state={data.state}>
              {t(`words:campaignState.${data.state}`)}
            </span>
          </p>
          <div className="figures">
            <Figure name="sent" label={t('campaigns.sent')} value={number(sentOf(data.counts))} />
            <Figure name="left" label={t('campaigns.left')} value={number(leftOf(data.counts))} />
            <Figure name="responded" label={t('campaigns.responded')} value={number(data.counts.responded)} />
            <Figure name="optedOut" label={t('campaigns.optedOut')} value={number(data.counts.optedOut)} />
          </div>
          {mayStart && (data.state === 'running' || data.state === 'paused') && <HoldButton campaign={data} />}
        </>
      )}
    </>
  )
}
