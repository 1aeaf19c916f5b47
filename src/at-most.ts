/** Waits for `work` to end, well or not, but at most so long. What is left of it goes on unwatched. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([work.catch(() => {}), late])
  } finally {
    clearTimeout(timer)
  }
}
