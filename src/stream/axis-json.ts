import { z } from '../config.ts'
import type { FeatureAxis } from '../model/explanation/axis.ts'

/** One axis of matrices, as evidence files and messages have it. */
export const axisSchema = z
  .object({
    name: z.string().describe('time, frequency, row, column, frame, bin or value'),
    unit: z.string().describe('s, Hz, or index for things that are counted from 0'),
    edges: z.array(z.number()).describe('Cell i lies between edges i and i + 1'),
  })
  .describe('One axis of the matrices')

export type AxisJson = z.infer<typeof axisSchema>

export const axisToJson = ({ name, unit, edges }: Pick<FeatureAxis, 'name' | 'unit' | 'edges'>): AxisJson => ({
  name,
  unit,
  edges: Array.from(edges, edge => Number(edge.toPrecision(7))),
})
