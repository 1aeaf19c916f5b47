import type { Random } from '../../../random.ts'
import type { Voice } from '../frame.ts'
import type { MachineSpec } from '../machine.ts'
import { BearingImpacts } from './bearing.ts'
import type { Fault } from './fault.ts'
import { Imbalance } from './imbalance.ts'
import { LeakHiss } from './leak.ts'
import { DroppedSensor } from './sensor.ts'
import { BeltSqueal } from './squeal.ts'

/** Whether a fault lies in the machine (and is heard through the room) or in the sensor. */
export const isSensorFault = (fault: Fault): boolean => fault.kind === 'dropped-sensor'

export function faultVoice(random: Random, fault: Fault, spec: MachineSpec): Voice {
  switch (fault.kind) {
    case 'bearing-impacts':
      return new BearingImpacts(random, fault, spec)
    case 'imbalance':
      return new Imbalance(fault, spec)
    case 'belt-squeal':
      return new BeltSqueal(random, fault, spec)
    case 'leak-hiss':
      return new LeakHiss(random, fault)
    case 'dropped-sensor':
      return new DroppedSensor(random, fault)
  }
}
