import { z } from 'zod'
import { businessControls } from '#simulator/control/business-controls.ts'
import { type Control, ControlError } from '#simulator/control/control.ts'
import { managedBotControls } from '#simulator/control/managed-bot-controls.ts'
import type { SimulatorParts } from '#simulator/control/parts.ts'
import { peopleControls } from '#simulator/control/people-controls.ts'
import { personControls } from '#simulator/control/person-controls.ts'
import { starControls } from '#simulator/control/star-controls.ts'
import { trafficControls } from '#simulator/control/traffic-controls.ts'
import { userAccountControls } from '#simulator/control/user-account-controls.ts'
import { worldControls } from '#simulator/control/world-controls.ts'

const controls = {
  ...worldControls,
  ...businessControls,
  ...personControls,
  ...peopleControls,
  ...managedBotControls,
  ...starControls,
  ...trafficControls,
  ...userAccountControls,
}

type Controls = typeof controls

/** Every control as a function: `simulator.control.createUser({ firstName: 'Ayşe' })`. */
export type ControlApi = {
  readonly [N in keyof Controls]: (input: z.input<Controls[N]['input']>) => ReturnType<Controls[N]['run']>
}

/** Binds the controls to a simulator. Bad input throws a ControlError that names the field. */
export function createControlApi(parts: SimulatorParts): ControlApi {
  return Object.fromEntries(
    Object.keys(controls).map((name) => [name, (input: unknown) => runControl(parts, name, input)]),
  ) as ControlApi
}

export function isQuery(name: string): boolean {
  return findControl(name)?.isQuery ?? false
}

/** Runs a control by name on input of any shape. */
export function runControl(parts: SimulatorParts, name: string, input: unknown): unknown {
  const control = findControl(name)
  if (!control) throw new ControlError(`there is no control "${name}"; GET /__sim lists them`)
  const parsed = control.input.safeParse(input ?? {})
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error))
  return control.run(parts, parsed.data)
}

/** Names and input schemas (JSON Schema), for people and generated clients. */
export function describeControls(): Readonly<Record<string, { readonly isQuery: boolean; readonly input: unknown }>> {
  return Object.fromEntries(
    Object.entries<{ readonly isQuery: boolean; readonly input: z.ZodType }>(controls).map(([name, control]) => [
      name,
      { isQuery: control.isQuery, input: z.toJSONSchema(control.input, { io: 'input' }) },
    ]),
  )
}

function findControl(name: string): Control<z.ZodType, unknown> | null {
  return Object.hasOwn(controls, name) ? controls[name as keyof Controls] : null
}
