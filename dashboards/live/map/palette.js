/**
 * Colours that people with any kind of colour vision tell apart (after M. Okabe and K. Ito, 2008), made darker or lighter until they stand out
 * from the ground. A cluster keeps its colour and its shape, whatever others there are.
 */
const LIGHT = ['#0072b2', '#d98200', '#00855f', '#b5559a', '#3f9fd6', '#a6480a', '#7d7400', '#5b5f97']
const DARK = ['#5aa9ff', '#f0a830', '#2fcf9f', '#e58cc4', '#8fd3ff', '#e8793a', '#e5d84a', '#a9adf0']
export const SHAPES = ['circle', 'square', 'triangle', 'diamond']

/** @param id of a cluster, or undefined */
export function markOf(id, isDark) {
  if (id === undefined) return { colour: isDark ? '#8c9ba0' : '#77868b', shape: 'circle' }
  const colours = isDark ? DARK : LIGHT
  return { colour: colours[id % colours.length], shape: SHAPES[Math.floor(id / colours.length) % SHAPES.length] }
}

/** Adds a shape of about the area of a circle of radius `r` to a path. */
export function addShape(path, shape, x, y, r) {
  if (shape === 'square') path.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r)
  else if (shape === 'triangle') polygon(path, x, y + 0.2 * r, 1.35 * r, 3, -Math.PI / 2)
  else if (shape === 'diamond') polygon(path, x, y, 1.25 * r, 4, 0)
  else {
    path.moveTo(x + r, y)
    path.arc(x, y, r, 0, 2 * Math.PI)
  }
}

function polygon(path, x, y, r, corners, turn) {
  for (let i = 0; i < corners; i++) {
    const angle = turn + (2 * Math.PI * i) / corners
    if (i === 0) path.moveTo(x + r * Math.cos(angle), y + r * Math.sin(angle))
    else path.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle))
  }
  path.closePath()
}
