import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { api } from '#contract/api.ts'

import { call } from '../api/client.ts'
import { t } from './language.ts'
import { Fault } from './parts.tsx'
import { feel } from './telegram.ts'

/** Stands before the Mini App until the session has given the code it owes. */
export const Code = ({ onPassed }: { onPassed: () => void }) => {
  const [code, setCode] = useState('')
  const pass = useMutation({
    mutationFn: () => call(api.secondFactor.pass, { body: { code } }),
    onSuccess: () => {
      feel('success')
      onPassed()
    },
    onError: () => {
      feel('error')
      setCode('')
    },
  })
  return (
    <main className="outside">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          pass.mutate()
        }}
      >
        <h1>{t('code.title')}</h1>
        <label htmlFor="code">{t('code.code')}</label>
        <input
          id="code"
          dir="ltr"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          aria-describedby="code-hint"
          aria-invalid={pass.isError}
          autoComplete="one-time-code"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={40}
        />
        <small id="code-hint" className="soft">
          {t('code.hint')}
        </small>
        {pass.isError && <Fault error={pass.error} />}
        <button type="submit" className="main" disabled={code.trim() === '' || pass.isPending}>
          {t('code.enter')}
        </button>
      </form>
    </main>
  )
}
