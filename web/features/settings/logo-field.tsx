import { Button, FileButton, Group, Input, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'

/** Above this the server would not even read it. */
const READ_MAX = 600 * 1024
const KB = 1_024

/** So many bytes are turned into letters at once: more arguments than that no function takes. */
const CHUNK = 0x8000

/** The bytes of a file in base64. */
const base64Of = async (file: File): Promise<string> => {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const letters = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) =>
    String.fromCharCode(...bytes.subarray(i * CHUNK, (i + 1) * CHUNK)),
  )
  return btoa(letters.join(''))
}

/** The logo: a picture that is shown as soon as it is chosen, and can be taken away. */
export const LogoField = ({ logoPath, mayEdit }: { logoPath: string | null; mayEdit: boolean }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries()
  const choose = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > READ_MAX) {
        const detail = t('brand.logoTooLarge', { size: Math.ceil(file.size / KB) })
        throw new ApiError({ status: 400, code: 'brand_logo_size', field: 'logo', detail })
      }
      return call(api.tenant.setLogo, { body: { data: await base64Of(file) } })
    },
    onSuccess,
  })
  const remove = useMutation({ mutationFn: () => call(api.tenant.removeLogo, {}), onSuccess })
  const problem = choose.error instanceof ApiError ? choose.error.problem : null
  return (
    <Input.Wrapper
      label={t('brand.logo')}
      labelElement="div"
      description={t('brand.logoHint')}
      error={problem?.field === 'logo' || problem?.field === 'data' ? problem.detail : undefined}
    >
      <Stack gap="xs" mt="xs">
        {logoPath !== null && (
          <img src={logoPath} alt={t('brand.logoIs')} style={{ maxHeight: 64, maxWidth: 220, alignSelf: 'start' }} />
        )}
        {mayEdit && (
          <Group gap="xs">
            <FileButton
              accept="image/png,image/jpeg,image/webp"
              onChange={(file) => {
                if (file !== null) choose.mutate(file)
              }}
              inputProps={{ 'aria-label': t('brand.chooseLogo') }}
            >
              {(props) => (
                <Button {...props} variant="default" loading={choose.isPending}>
                  {t('brand.chooseLogo')}
                </Button>
              )}
            </FileButton>
            {logoPath !== null && (
              <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
                {t('brand.removeLogo')}
              </Button>
            )}
          </Group>
        )}
        {choose.isError && problem === null && <Fault error={choose.error} />}
        {remove.isError && <Fault error={remove.error} />}
      </Stack>
    </Input.Wrapper>
  )
}
