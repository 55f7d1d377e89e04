import { getOwnTenant, resumeTenantSending, stopTenantSending } from '#server/modules/tenancy/index.ts'

import { askConfirmation } from '../ask-confirmation.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { isolate, say } from '../say.ts'
import { type Talk, actingOn, inTalkTenant } from '../talk.ts'

const question = async (talk: Talk): Promise<string> => {
  const { name } = await inTalkTenant(talk, getOwnTenant)
  return say(talk, 'sending.question', { tenant: isolate(name) })
}

const ask = async (talk: Talk): Promise<Reply> => {
  const { sendingStopped } = await inTalkTenant(talk, getOwnTenant)
  if (sendingStopped !== null) return stoppedScreen(talk, 'sending.already')
  return askConfirmation(talk, { action: 'halt.stop', question: await question(talk), back: 'dash' })
}

/** The way back is one press: nothing planned is lost meanwhile. */
const stoppedScreen = (talk: Talk, key: string): Reply => ({
  text: talk.t(key),
  rows: [[{ label: talk.t('button.undo'), action: 'halt.resume' }]],
})

const stop = async (talk: Talk): Promise<Reply> => {
  const { tenantId, by, at } = actingOn(talk)
  await inTalkTenant(talk, (tx) => stopTenantSending(tx, tenantId, talk.t('sending.reason'), { by, at }))
  return stoppedScreen(talk, 'sending.stopped')
}

const resume = async (talk: Talk): Promise<Reply> => {
  const { tenantId, by, at } = actingOn(talk)
  await inTalkTenant(talk, (tx) => resumeTenantSending(tx, tenantId, { by, at }))
  return {
    text: talk.t('sending.resumed'),
    rows: [[{ label: talk.t('button.dashboard'), action: 'dash' }]],
  }
}

export const stopSending: PanelCommand = {
  key: 'halt',
  name: 'dur',
  aliases: ['stop'],
  audience: 'member',
  needs: 'sending.stop',
  about: 'command.stop',
  run: ask,
  actions: {
    stop: { confirm: question, run: stop },
    resume: { needs: 'sending.resume', run: resume },
  },
}

export const resumeSending: PanelCommand = {
  key: 'cont',
  name: 'devam',
  aliases: ['resume', 'continue'],
  audience: 'member',
  needs: 'sending.resume',
  about: 'command.resume',
  run: resume,
}
