import type { Device, PassedOver } from '../model/engine.ts'
import { describePassedOver } from '../model/engines/devices.ts'
import type { Progress } from '../progress.ts'

interface Chosen {
  readonly device: string
  readonly passedOver?: readonly PassedOver[]
}

/** Which device `auto` took, and why not the others. What was asked for by name goes without saying. */
export function reportDevice(progress: Progress, wanted: Device, { device, passedOver = [] }: Chosen): void {
  if (wanted !== 'auto') return
  progress.line(`computing on ${device}`)
  for (const other of passedOver) progress.line(`  ${describePassedOver(other)}`)
  if (passedOver.some(({ remedy }) => remedy)) progress.line('  `auscult doctor` says what would mend that')
}
