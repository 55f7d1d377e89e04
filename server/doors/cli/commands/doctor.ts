import { type CommandGroup, command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { paint } from '../terminal.ts'

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], fault: ['red', '✗'] } as const

export const doctor: CommandGroup = {
  lone: command({
    name: 'doctor',
    run: async (context) => {
      const findings = await context.host.examine()
      return findings.map((finding) => ({
        ...finding,
        text: context.t(`doctor.${finding.id}.${finding.state}`, finding.params),
      }))
    },
    render: ({ t, terminal }, findings) => {
      const lines = findings.map(({ state, text }) => {
        const [style, mark] = MARKS[state]
        return `${paint(terminal, style, mark)} ${text}`
      })
      const faults = findings.filter((finding) => finding.state === 'fault').length
      return [...lines, '', faults === 0 ? t('doctor.well') : t('doctor.unwell', { count: faults })].join('\n')
    },
    exitCode: (findings) => (findings.some((finding) => finding.state === 'fault') ? EXIT.refused : EXIT.ok),
  }),
}
