import { describe, expect, it } from 'vitest'
import { needsClasses, takesLengths } from '../../../src/model/architectures/supervised.ts'

describe('supervised architectures', () => {
  it('are those that tell classes apart; sequences of any length are for recurrent ones', () => {
    const types = ['dense-ae', 'lstm-ae', 'lstm-classifier', 'id-embedding']
    expect(types.map(needsClasses)).toEqual([false, false, true, true])
    expect(types.map(takesLengths)).toEqual([false, false, true, false])
  })
})
