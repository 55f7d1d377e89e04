import { Alert, MultiSelect, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { CAMPAIGN_KINDS, SEGMENTS } from '#contract/words.ts'

import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ForecastFigures } from './forecast-figures.tsx'
import { useForecast } from './use-forecast.ts'
import type { WizardPartProps } from './wizard-part.ts'

/** One that was removed meanwhile stays to be seen, and the server says so: without it everybody would be meant. */
const ownChoices = (known: WizardPartProps['choices']['own'], chosen: readonly number[]) => [
  ...known.map(({ id, name }) => ({ value: String(id), label: name })),
  ...chosen
    .filter((id) => !known.some((segment) => segment.id === id))
    .map((id) => ({ value: String(id), label: `#${id}` })),
]

/** The people of a broadcast, promo or drip: all the account reaches, or those of segments, tags and chats. */
const People = ({ draft, choices, faultAt, onChange }: WizardPartProps) => {
  const { t } = useTranslation()
  const isAnnouncement = draft.kind === 'announcement'
  return (
    <>
      {!isAnnouncement && (
        <>
          <MultiSelect
            label={t('wizard.segments')}
            placeholder={draft.segments.length === 0 ? t('wizard.everybody') : ''}
            data={SEGMENTS.map((value) => ({ value, label: t(`words:segment.${value}`) }))}
            value={[...draft.segments]}
            onChange={(segments) => onChange({ segments })}
            error={faultAt('audience.segments')}
            searchable
            clearable
          />
          {(choices.own.length > 0 || draft.own.length > 0) && (
            <MultiSelect
              label={t('wizard.own')}
              placeholder={draft.own.length === 0 ? t('wizard.everybody') : ''}
              data={ownChoices(choices.own, draft.own)}
              value={draft.own.map(String)}
              onChange={(own) => onChange({ own: own.map(Number) })}
              error={faultAt('audience.own')}
              searchable
              clearable
            />
          )}
          {choices.tags.length > 0 && (
            <MultiSelect
              label={t('wizard.tags')}
              placeholder={draft.tags.length === 0 ? t('wizard.everybody') : ''}
              data={choices.tags.map(({ tag, people }) => ({ value: tag, label: `${tag} (${people})` }))}
              value={[...draft.tags]}
              onChange={(tags) => onChange({ tags })}
              error={faultAt('audience.tags')}
              searchable
              clearable
            />
          )}
        </>
      )}
      {choices.chats.length > 0 && (
        <MultiSelect
          label={t(isAnnouncement ? 'wizard.postChats' : 'wizard.chats')}
          placeholder={draft.chats.length === 0 ? t(isAnnouncement ? 'wizard.allChats' : 'wizard.everybody') : ''}
          data={choices.chats.map(({ id, title }) => ({ value: String(id), label: title }))}
          value={draft.chats.map(String)}
          onChange={(chats) => onChange({ chats: chats.map(Number) })}
          error={faultAt('audience.chats')}
          searchable
          clearable
        />
      )}
    </>
  )
}

/** Whom the campaign is for, with how many that are and how many the guard would leave out. */
export const WizardAudience = (props: WizardPartProps) => {
  const { draft, choices, faultAt, onChange } = props
  const { t } = useTranslation()
  const forecast = useForecast(draft, { withMessage: false })
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t('wizard.name')}
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          error={faultAt('name')}
          maxLength={100}
          required
        />
        <Select
          label={t('wizard.kind')}
          description={t(`wizard.kindHint.${draft.kind}`)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={CAMPAIGN_KINDS.map((value) => ({ value, label: t(`words:campaignKind.${value}`) }))}
          value={draft.kind}
          onChange={(value) => {
            const kind = CAMPAIGN_KINDS.find((known) => known === value) ?? draft.kind
            onChange({ kind, ...(kind !== 'drip' && { steps: draft.steps.slice(0, 1) }) })
          }}
          allowDeselect={false}
          error={faultAt('kind')}
        />
      </SimpleGrid>
      {choices.accounts.length === 0 && <Alert color="yellow">{t('wizard.noAccount')}</Alert>}
      {(choices.accounts.length > 1 || draft.accountId === null) && choices.accounts.length > 0 && (
        <Select
          label={t('wizard.account')}
          data={choices.accounts.map(({ id, name, state }) => ({
            value: String(id),
            label: state === 'active' ? name : `${name} (${t(`words:accountState.${state}`)})`,
          }))}
          value={draft.accountId === null ? null : String(draft.accountId)}
          onChange={(id) => onChange({ accountId: id === null ? null : Number(id) })}
          allowDeselect={false}
          error={faultAt('accountId')}
        />
      )}
      <People {...props} />
      <section aria-live="polite" aria-label={t('wizard.reach')} data-testid="reach">
        {forecast.isPending && draft.accountId !== null && <Rows count={2} />}
        {forecast.isError && <Fault error={forecast.error} onRetry={() => void forecast.refetch()} />}
        {forecast.isSuccess && <ForecastFigures forecast={forecast.data} />}
      </section>
    </Stack>
  )
}
