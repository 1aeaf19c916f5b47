import { AuscultError, messageOf } from '../../../errors.ts'
import { conversion } from '../../resample.ts'
import type { WindowSpec } from '../../source.ts'
import type { MessageRate } from './joiner.ts'

/**
 * Makes ready what messages of another rate than the windows need; undefined where they have the same, or are no sound.
 * @param sampleRate of the messages; that of the windows when left out
 * @param at names the option in errors
 * @throws AUSCULT_CONFIG when the rates are too far apart or too unrelated
 */
export async function messageRate(
  sampleRate: number | undefined,
  spec: WindowSpec,
  at: string,
): Promise<MessageRate | undefined> {
  if (spec.sampleRate === null || sampleRate === undefined || sampleRate === spec.sampleRate) return undefined
  try {
    return { sampleRate, conversion: await conversion(at, sampleRate, spec.sampleRate) }
  } catch (cause) {
    const remedy = 'Send at a common rate, such as 16000, 44100 or 48000 Hz.'
    throw new AuscultError('AUSCULT_CONFIG', messageOf(cause), { at, cause, remedy })
  }
}
