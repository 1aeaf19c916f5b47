/** `at 12.5 s`, or `frame 3` where windows are frames. */
export const placeOf = (offset: number, sampleRate: number | null): string =>
  sampleRate === null ? `frame ${offset}` : `at ${Number((offset / sampleRate).toFixed(3))} s`
