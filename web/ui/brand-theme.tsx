import { MantineProvider, type MantineColorsTuple, mergeThemeOverrides } from '@mantine/core'
import { type ReactNode, createContext, useContext, useEffect, useMemo, useState } from 'react'

import { theme } from './theme.ts'

/** An accent as the server draws it: legible on white, and on dark grounds. */
export interface AccentColours {
  readonly onLight: string
  readonly onDark: string
}

/** `share` (0–1) of the way from one `#rrggbb` to another. */
const mix = (from: string, to: string, share: number): string => {
  const parts = [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number]
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, '0')
  })
  return `#${parts.join('')}`
}

/** Shades as the components use them: 0–2 are tints under text, 4 is text on dark, 8 and 9 lie under white text. */
const shadesOf = ({ onLight, onDark }: AccentColours): MantineColorsTuple => [
  mix(onLight, '#ffffff', 0.95),
  mix(onLight, '#ffffff', 0.92),
  mix(onLight, '#ffffff', 0.86),
  mix(onLight, '#ffffff', 0.6),
  onDark,
  mix(onDark, onLight, 0.5),
  mix(onDark, onLight, 0.8),
  onLight,
  mix(onLight, '#000000', 0.12),
  onLight,
]

const AccentContext = createContext<(colours: AccentColours | null) => void>(() => {})

/** Draws everything in these colours as long as the caller is on the screen; null is the product's own. */
export const useAccent = (colours: AccentColours | null): void => {
  const draw = useContext(AccentContext)
  const { onLight, onDark } = colours ?? {}
  useEffect(() => {
    draw(onLight === undefined || onDark === undefined ? null : { onLight, onDark })
    return () => draw(null)
  }, [draw, onLight, onDark])
}

/** The look of everything below: the product's own until a tenant's accent is drawn. */
export const BrandTheme = ({ children }: { children: ReactNode }) => {
  const [colours, draw] = useState<AccentColours | null>(null)
  const drawn = useMemo(
    () =>
      colours === null
        ? theme
        : mergeThemeOverrides(theme, { colors: { brand: shadesOf(colours) }, primaryColor: 'brand' }),
    [colours],
  )
  return (
    <AccentContext value={draw}>
      <MantineProvider theme={drawn} defaultColorScheme="auto">
        {children}
      </MantineProvider>
    </AccentContext>
  )
}
