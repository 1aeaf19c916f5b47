/** Colours of a map, one for each byte. */
export const STEPS = 256

const POINTS = 1024
const radians = degrees => (degrees * Math.PI) / 180

/** A colour of OKLab (B. Ottosson, 2020) as linear sRGB, each 0 to 1 where the screen can show it. */
function toLinear([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

const toByte = x =>
  Math.round(255 * Math.min(1, Math.max(0, x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055)))

/** With as much of the chroma as a screen can show. */
function shown(lightness, chroma, hue) {
  const at = c => [lightness, c * Math.cos(radians(hue)), c * Math.sin(radians(hue))]
  const fits = c => toLinear(at(c)).every(x => x >= -1e-4 && x <= 1.0001)
  if (fits(chroma)) return at(chroma)
  let [low, high] = [0, chroma]
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2
    if (fits(middle)) low = middle
    else high = middle
  }
  return at(low)
}

/** `steps` colours along a curve of OKLab, from each to the next the same distance: as many look as far apart anywhere. */
function evenly(curve, steps) {
  const points = Array.from({ length: POINTS }, (_, i) => curve(i / (POINTS - 1)))
  const lengths = [0]
  for (let i = 1; i < POINTS; i++) lengths.push(lengths[i - 1] + distance(points[i - 1], points[i]))
  const colours = []
  for (let i = 0, at = 0; i < steps; i++) {
    const wanted = (i / (steps - 1)) * lengths[POINTS - 1]
    while (at < POINTS - 2 && lengths[at + 1] < wanted) at++
    const part = (wanted - lengths[at]) / (lengths[at + 1] - lengths[at])
    colours.push(points[at].map((value, k) => value + part * (points[at + 1][k] - value)))
  }
  return colours
}

const distance = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]))

/** From near black over violet, red and orange to a light yellow. */
const heat = t => shown(0.16 + 0.8 * t, 0.2 * Math.sin(Math.PI * (0.08 + 0.82 * t)) ** 0.8, 280 + 180 * t)

/** From blue over nothing, which is the colour of the ground, to red: `t` from 0 for nothing to 1. */
const arm = (hue, isDark) => t =>
  isDark ? shown(0.25 + 0.55 * t, 0.19 * t ** 0.9, hue) : shown(0.975 - 0.53 * t, 0.21 * t ** 0.9, hue)

const BLUE = 252
const RED = 33

const MAKERS = {
  heat: () => evenly(heat, STEPS),
  difference: isDark => [...evenly(arm(BLUE, isDark), STEPS / 2).reverse(), ...evenly(arm(RED, isDark), STEPS / 2)],
}

const tables = new Map()

/**
 * Colours in even steps for the eye. `heat`: small to large. `difference`: below, as, and above what is expected; its middle has the colour of the
 * ground in either theme.
 * @param {'heat' | 'difference'} name
 * @param {boolean} isDark whether it lies on a dark ground
 * @returns {Uint32Array} `[256]`, as ImageData holds pixels
 */
export function colourTable(name, isDark) {
  const key = `${name} ${name === 'difference' && isDark}`
  let table = tables.get(key)
  if (!table) {
    const bytes = MAKERS[name](isDark).flatMap(colour => [...toLinear(colour).map(toByte), 255])
    table = new Uint32Array(new Uint8Array(bytes).buffer)
    tables.set(key, table)
  }
  return table
}

/** A colour of the table as CSS has it. @param t 0 to 1 */
export function colourAt(name, isDark, t) {
  const byte = Math.round(Math.min(1, Math.max(0, t)) * (STEPS - 1))
  const [r, g, b] = new Uint8Array(colourTable(name, isDark).buffer, byte * 4, 3)
  return `rgb(${r} ${g} ${b})`
}

/** Whether text is light where a node lies, and so the ground dark. */
export function isOnDark(node) {
  const [r, g, b] = getComputedStyle(node)
    .color.match(/[\d.]+/g)
    .map(Number)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 128
}
