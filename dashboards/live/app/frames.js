const CALM_MS = 500
const calm = matchMedia('(prefers-reduced-motion: reduce)')
const drawers = new Set()
let drawnAt = 0
let isRunning = false

/** Whether less movement is asked for. */
export const isCalm = () => calm.matches

/**
 * Calls `draw(elapsed)` before each picture of the screen, or twice a second where less movement is asked for; `elapsed` is the seconds since
 * the last call, 0 then. @returns a function that ends it
 */
export function onFrame(draw) {
  drawers.add(draw)
  if (!isRunning) requestAnimationFrame(frame)
  isRunning = true
  return () => drawers.delete(draw)
}

function frame(now) {
  isRunning = drawers.size > 0
  if (!isRunning) return
  requestAnimationFrame(frame)
  const since = Math.abs(now - drawnAt)
  if (calm.matches && since < CALM_MS) return
  const elapsed = calm.matches ? 0 : Math.min(0.1, since / 1000)
  drawnAt = now
  for (const draw of drawers) draw(elapsed)
}
