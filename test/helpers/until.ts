/** Waits until `condition` holds, or resolves to what holds, for at most `ms`. @throws an Error that shows the condition */
export async function until(condition: () => unknown, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
