import { ActionIcon, Button, Card, Checkbox, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowDownIcon, ArrowUpIcon } from '@radix-ui/react-icons'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { WIDGET_WIDTHS } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'

export type Layout = RouteOutput<typeof contract.layouts.get>
type Widget = Layout['widgets'][number]

const KEY = 'layout'
const PARAMS = { params: { screen: 'overview' } } as const
export const layoutQuery = query(api.layouts.get, PARAMS)

/** The list with the widget at `from` moved one place; the same list at either end. */
const moved = (widgets: readonly Widget[], from: number, step: -1 | 1): readonly Widget[] => {
  const [one, other] = [widgets[from], widgets[from + step]]
  if (!one || !other) return widgets
  return widgets.map((widget, i) => (i === from ? other : i === from + step ? one : widget))
}

interface LineProps {
  readonly widget: Widget
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly onChange: (part: Partial<Widget>) => void
  readonly onMove: (step: -1 | 1) => void
}

const Line = ({ widget, isFirst, isLast, onChange, onMove }: LineProps) => {
  const { t } = useTranslation()
  const name = t(`overview.widgets.${widget.name}`)
  return (
    <Group justify="space-between" gap="xs" data-line={widget.name}>
      <Checkbox
        label={name}
        checked={widget.isShown}
        onChange={(event) => onChange({ isShown: event.currentTarget.checked })}
      />
      <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label={t('overview.widthOf', { name })}
          value={widget.width}
          onChange={(width) => onChange({ width: WIDGET_WIDTHS.find((known) => known === width) ?? 'full' })}
          data={WIDGET_WIDTHS.map((value) => ({ value, label: t(`overview.width.${value}`) }))}
        />
        {/* Not disabled at the ends: the focus would be lost to whoever moves by keyboard. */}
        <ActionIcon
          variant="default"
          aria-label={t('overview.up', { name })}
          aria-disabled={isFirst}
          onClick={() => onMove(-1)}
        >
          <ArrowUpIcon />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label={t('overview.down', { name })}
          aria-disabled={isLast}
          onClick={() => onMove(1)}
        >
          <ArrowDownIcon />
        </ActionIcon>
      </Group>
    </Group>
  )
}

/** Arranges the overview for whoever looks: what is shown, in which order, how wide. */
export const Arrange = ({ layout, onEnd }: { layout: Layout; onEnd: () => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [widgets, setWidgets] = useState<readonly Widget[]>(layout.widgets)
  // As it was when somebody began: what is fetched meanwhile they have not seen.
  const [basedOn] = useState(layout.version)
  const keep = (saved: Layout, text: string) => {
    queries.setQueryData(layoutQuery.queryKey, saved)
    notifications.show({ id: KEY, message: text, color: 'teal.9' })
    onEnd()
  }
  const save = useMutation({
    mutationKey: [KEY],
    mutationFn: () => call(api.layouts.save, { ...PARAMS, body: { widgets: [...widgets], basedOn } }),
    onSuccess: ({ hasReplaced, ...saved }) => keep(saved, t(hasReplaced ? 'overview.replaced' : 'overview.saved')),
  })
  const reset = useMutation({
    mutationKey: [KEY],
    mutationFn: () => call(api.layouts.reset, PARAMS),
    onSuccess: (saved) => keep(saved, t('overview.wasReset')),
  })
  const isBusy = save.isPending || reset.isPending
  /** A second click comes before the button is drawn as busy. */
  const once = (mutate: () => void) => () => {
    if (queries.isMutating({ mutationKey: [KEY] }) === 0) mutate()
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('overview.arrange')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('overview.arrangeHint')}
        </Text>
        {widgets.map((widget, i) => (
          <Line
            key={widget.name}
            widget={widget}
            isFirst={i === 0}
            isLast={i === widgets.length - 1}
            onChange={(part) => setWidgets(widgets.map((other) => (other === widget ? { ...widget, ...part } : other)))}
            onMove={(step) => setWidgets(moved(widgets, i, step))}
          />
        ))}
        {(save.error ?? reset.error) && <Fault error={save.error ?? reset.error ?? new Error('unknown')} />}
        <Group>
          <Button loading={save.isPending} disabled={isBusy} onClick={once(save.mutate)}>
            {t('overview.save')}
          </Button>
          <Button variant="default" loading={reset.isPending} disabled={isBusy} onClick={once(reset.mutate)}>
            {t('overview.reset')}
          </Button>
          <Button variant="default" onClick={onEnd}>
            {t('overview.cancel')}
          </Button>
        </Group>
      </Stack>
    </Card>
  )
}
