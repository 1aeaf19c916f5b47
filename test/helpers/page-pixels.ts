import type { Page } from 'playwright-core'

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
