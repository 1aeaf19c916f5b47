import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** How many pixels of the first canvas of `selector` have the colour of a custom property, nearly. */
export const pixelsOf = (page: Page, property: string, selector = 'canvas') =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('${selector}')
    if (!canvas?.width) return 0
    const probe = document.createElement('canvas').getContext('2d')
    probe.fillStyle = getComputedStyle(canvas).getPropertyValue('${property}')
    probe.fillRect(0, 0, 1, 1)
    const wanted = probe.getImageData(0, 0, 1, 1).data
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let count = 0
    for (let i = 0; i < data.length; i += 4) {
      count += data[i + 3] > 200 && [0, 1, 2].every(k => Math.abs(data[i + k] - wanted[k]) < 12)
    }
    return count
  })()`) as Promise<number>

/**
 * Where on the page the uppermost pixels of a colour are on a canvas: the middle of them from left to right. Waits until the picture stands
 * still there: a chart runs on for a while after the last score.
 */
export async function stillAt(page: Page, property: string, selector = 'canvas'): Promise<{ x: number; y: number }> {
  let before: { x: number; y: number } | undefined
  await expect
    .poll(
      async () => {
        const now = await uppermost(page, property, selector)
        const moved = before && now ? Math.abs(now.x - before.x) : Number.POSITIVE_INFINITY
        before = now
        return moved
      },
      { interval: 300 },
    )
    .toBeLessThan(0.5)
  return before!
}

const uppermost = (page: Page, property: string, selector: string) =>
  page.evaluate(`new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() => {
    const canvas = document.querySelector('${selector}')
    if (!canvas?.width) return
    const probe = document.createElement('canvas').getContext('2d')
    probe.fillStyle = getComputedStyle(canvas).getPropertyValue('${property}')
    probe.fillRect(0, 0, 1, 1)
    const wanted = probe.getImageData(0, 0, 1, 1).data
    const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const found = []
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] <= 200 || ![0, 1, 2].every(k => Math.abs(data[i + k] - wanted[k]) < 12)) continue
      const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)]
      if (found.length > 0 && y > found[0].y + 2) break
      found.push({ x, y })
    }
    if (found.length === 0) return
    const box = canvas.getBoundingClientRect()
    const middle = found.reduce((sum, each) => sum + each.x, 0) / found.length
    return { x: box.x + (middle * box.width) / width, y: box.y + (found[0].y * box.height) / canvas.height }
  })`) as Promise<{ x: number; y: number } | undefined>

/** Contrasts of text colours on the grounds that they stand on (WCAG 2.2, relative luminance): `{ '--ink on --panel': 15.2 }`. */
export const contrasts = (page: Page, pairs: readonly (readonly [text: string, ground: string])[]) =>
  page.evaluate(`(() => {
    const style = getComputedStyle(document.documentElement)
    const probe = document.createElement('canvas').getContext('2d')
    const luminance = name => {
      probe.fillStyle = style.getPropertyValue(name)
      probe.fillRect(0, 0, 1, 1)
      const [r, g, b] = [...probe.getImageData(0, 0, 1, 1).data].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const result = {}
    for (const [text, ground] of ${JSON.stringify(pairs)}) {
      const [a, b] = [luminance(text), luminance(ground)].sort((x, y) => y - x)
      result[text + ' on ' + ground] = (a + 0.05) / (b + 0.05)
    }
    return result
  })()`) as Promise<Record<string, number>>
