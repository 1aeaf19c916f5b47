export { FAULT_KINDS, type Fault, type FaultKind } from './faults/fault.ts'
export { SAMPLE_RATE } from './frame.ts'
export { type Schedule, schedule } from './schedule.ts'
export { Synthesizer, type SynthesizerOptions } from './synthesizer.ts'
