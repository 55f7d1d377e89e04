import { Button, Group, Modal, NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { GROUP_INTENSITIES } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { nameField } from '../../lib/name-field.ts'
import { DecimalInput } from '../../ui/decimal-input.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Overtaken } from '../../ui/overtaken.tsx'
import type { AccountReplies } from './replies.ts'
import { type SettingsDraft, changeOf, settingsDraftOf } from './settings-draft.ts'
import { SettingList } from './setting-list.tsx'

const FIELDS = [
  'productPriceMinor',
  'productCurrency',
  'inviteRatio',
  'groupPlacements',
  'draftLifeMinutes',
  'holdingMessage',
  'confidenceMin',
] as const

interface FieldsProps {
  readonly draft: SettingsDraft
  readonly limits: AccountReplies['limits']
  readonly faultOf: (field: (typeof FIELDS)[number]) => string | undefined
  readonly change: (part: Partial<SettingsDraft>) => void
}

/** Where a percent sign stands: before the figure in Turkish alone. */
const usePercent = () => (useTranslation().i18n.language === 'tr' ? { prefix: '%' } : { suffix: '%' })

/** What is offered: price, and the way into the groups. */
const OfferFields = ({ draft, limits, faultOf, change }: FieldsProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const percent = usePercent()
  const most = GROUP_INTENSITIES.indexOf(limits.groupIntensityMax)
  return (
    <>
      <DecimalInput
        label={t('autoReplies.setting.productPriceMinor')}
        description={t('autoReplies.priceHint')}
        value={draft.price}
        onChange={(price) => change({ price })}
        error={faultOf('productPriceMinor')}
      />
      <TextInput
        label={t('persona.currency')}
        description={t('persona.currencyHint')}
        value={draft.currency}
        onChange={(event) => change({ currency: event.currentTarget.value })}
        maxLength={3}
        error={faultOf('productCurrency')}
      />
      <DecimalInput
        label={t('autoReplies.setting.inviteRatio')}
        description={t('autoReplies.upTo', { max: formats.ratio(limits.inviteRatioMax) })}
        value={draft.invitePercent}
        onChange={(invitePercent) => change({ invitePercent })}
        {...percent}
        decimalScale={1}
        error={faultOf('inviteRatio')}
      />
      <Select
        label={t('autoReplies.setting.groupIntensity')}
        description={t('autoReplies.intensityHint')}
        data={GROUP_INTENSITIES.map((value, i) => ({
          value,
          label: t(`words:groupIntensity.${value}`),
          disabled: i > most,
        }))}
        value={draft.groupIntensity}
        onChange={(value) =>
          change({ groupIntensity: GROUP_INTENSITIES.find((known) => known === value) ?? draft.groupIntensity })
        }
        allowDeselect={false}
        error={faultOf('groupPlacements')}
      />
    </>
  )
}

/** How drafts and a model work. */
const AnswerFields = ({ draft, faultOf, change }: FieldsProps) => {
  const { t } = useTranslation()
  const percent = usePercent()
  return (
    <>
      <NumberInput
        label={t('autoReplies.setting.draftLifeMinutes')}
        description={t('autoReplies.draftLifeHint')}
        value={draft.draftLifeMinutes}
        onChange={(draftLifeMinutes) => change({ draftLifeMinutes })}
        allowDecimal={false}
        error={faultOf('draftLifeMinutes')}
      />
      <NumberInput
        label={t('autoReplies.setting.confidenceMin')}
        description={t('autoReplies.confidenceHint')}
        value={draft.confidencePercent}
        onChange={(confidencePercent) => change({ confidencePercent })}
        {...percent}
        decimalScale={0}
        error={faultOf('confidenceMin')}
      />
    </>
  )
}

/** What is said while somebody decides, and to whoever fell silent. */
const WordFields = ({ draft, faultOf, change }: FieldsProps) => {
  const { t } = useTranslation()
  return (
    <>
      <TextInput
        label={t('autoReplies.setting.holdingMessage')}
        description={t('autoReplies.holdingHint')}
        value={draft.holdingMessage}
        onChange={(event) => change({ holdingMessage: event.currentTarget.value })}
        error={faultOf('holdingMessage')}
        dir="auto"
      />
      <Switch
        label={t('autoReplies.setting.sendsFollowUps')}
        description={t('autoReplies.followUpsHint')}
        checked={draft.sendsFollowUps}
        onChange={(event) => change({ sendsFollowUps: event.currentTarget.checked })}
      />
    </>
  )
}

interface SettingsFormProps {
  readonly replies: AccountReplies
  readonly onClose: () => void
}

/** The form's settings, what of them is saved, and how they are saved. */
const useSettingsSaving = ({ replies, onClose }: SettingsFormProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [saved, setSaved] = useState(replies)
  const [draft, setDraft] = useState(() => settingsDraftOf(replies.settings))
  const save = useMutation({
    mutationFn: (before: AccountReplies) =>
      call(api.replies.update, {
        params: { id: before.account.id },
        body: { expectedVersion: before.version, ...changeOf(draft, settingsDraftOf(before.settings)) },
      }),
    onSuccess: async () => {
      notifications.show({ message: t('autoReplies.saved'), color: 'teal.9' })
      await queries.invalidateQueries()
      onClose()
    },
  })
  const take = (theirs: AccountReplies) => {
    save.reset()
    setSaved(theirs)
    setDraft(settingsDraftOf(theirs.settings))
  }
  const change = (part: Partial<SettingsDraft>) => setDraft((before) => ({ ...before, ...part }))
  const problem = save.error instanceof ApiError ? save.error.problem : null
  return { draft, saved, save, problem, take, change }
}

/** Changes what is set for one account. What somebody else saves meanwhile does not disturb whoever writes here. */
export const SettingsForm = ({ replies, onClose }: SettingsFormProps) => {
  const { t } = useTranslation()
  const { draft, saved, save, problem, take, change } = useSettingsSaving({ replies, onClose })
  const isOvertaken = problem?.code === 'settings_moved_on'
  const isAtField = FIELDS.some((name) => name === problem?.field)
  const nameOf = (field: (typeof FIELDS)[number]) =>
    t(
      field === 'productCurrency'
        ? 'persona.currency'
        : `autoReplies.setting.${field === 'groupPlacements' ? 'groupIntensity' : field}`,
    )
  const faultOf: FieldsProps['faultOf'] = (field) =>
    problem?.field === field ? nameField(problem.detail, field, nameOf(field)) : undefined
  const fields: FieldsProps = { draft, limits: replies.limits, faultOf, change }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(saved)
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('autoReplies.changeOf', { name: replies.account.displayName })}
      closeButtonProps={{ 'aria-label': t('state.dismiss') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          {isOvertaken && (
            <Overtaken<AccountReplies>
              detail={problem.detail}
              look={(signal) => call(api.replies.get, { params: { id: replies.account.id } }, signal)}
              renderTheirs={(theirs) => <SettingList settings={theirs.settings} />}
              onKeep={(theirs) => save.mutate(theirs)}
              onTake={take}
            />
          )}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <OfferFields {...fields} />
            <AnswerFields {...fields} />
          </SimpleGrid>
          <WordFields {...fields} />
          {save.isError && !isOvertaken && !isAtField && <Fault error={save.error} />}
          {isAtField && (
            <Text c="var(--mantine-color-error)" role="alert">
              {t('templates.lookAbove')}
            </Text>
          )}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {t('state.dismiss')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('autoReplies.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
