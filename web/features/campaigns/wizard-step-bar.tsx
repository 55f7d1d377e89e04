import { Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { WIZARD_STEPS, type WizardStep } from './wizard-draft.ts'

/** The steps of the wizard; any of them can be gone to, nothing is lost on the way. */
export const WizardStepBar = ({ step, onGo }: { step: WizardStep; onGo: (step: WizardStep) => void }) => {
  const { t } = useTranslation()
  return (
    <nav aria-label={t('wizard.steps')}>
      <Group gap={4}>
        {WIZARD_STEPS.map((name, i) => (
          <Button
            key={name}
            type="button"
            size="compact-md"
            variant={name === step ? 'light' : 'subtle'}
            onClick={() => onGo(name)}
            {...(name === step && { 'aria-current': 'step' as const })}
          >
            {i + 1}. {t(`wizard.step.${name}`)}
          </Button>
        ))}
      </Group>
    </nav>
  )
}
