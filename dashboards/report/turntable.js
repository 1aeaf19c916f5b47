/*
 * Points in three dimensions that can be turned: by dragging, with the arrow keys, closer with the wheel or + and −. A report holds this
 * text and the points, as JSON in the element before the canvas: { points: [x, y, z, group, …] }.
 */
for (const figure of document.querySelectorAll('.turntable')) {
  const { points } = JSON.parse(figure.querySelector('script[type="application/json"]').textContent)
  const canvas = figure.querySelector('canvas')
  const keys = [...figure.querySelectorAll('button[data-group]')]
  const hidden = new Set()
  const view = { yaw: 0.6, pitch: 0.35, zoom: 1 }
  const count = points.length / 4

  // The middle of the points in the origin, the farthest one at a distance of 1.
  const middle = [0, 1, 2].map(axis => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += points[4 * i + axis]
    return sum / count
  })
  let reach = 0
  for (let i = 0; i < count; i++)
    reach = Math.max(reach, Math.hypot(...middle.map((m, axis) => points[4 * i + axis] - m)))
  const placed = Float32Array.from({ length: 3 * count }, (_, j) => {
    const [i, axis] = [Math.floor(j / 3), j % 3]
    return (points[4 * i + axis] - middle[axis]) / (reach || 1)
  })
  const order = Array.from({ length: count }, (_, i) => i)
  const depths = new Float32Array(count)

  /** To the right, upwards, and towards the reader. */
  const turned = (x, y, z) => {
    const [cy, sy, cp, sp] = [Math.cos(view.yaw), Math.sin(view.yaw), Math.cos(view.pitch), Math.sin(view.pitch)]
    const depth = cy * z - sy * x
    return [cy * x + sy * z, cp * y - sp * depth, sp * y + cp * depth]
  }

  let isAsked = false
  const draw = () => {
    isAsked = false
    const ratio = window.devicePixelRatio || 1
    const { width, height } = canvas.getBoundingClientRect()
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const context = canvas.getContext('2d')
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const style = getComputedStyle(figure)
    const colours = keys.map(key => getComputedStyle(key).color)
    const scale = 0.4 * Math.min(width, height) * view.zoom
    const at = ([x, y, depth]) => {
      const near = 3 / (3 - depth)
      return [width / 2 + scale * x * near, height / 2 - scale * y * near, near]
    }
    context.strokeStyle = style.getPropertyValue('--rule')
    context.fillStyle = style.getPropertyValue('--soft')
    context.font = '12px system-ui, sans-serif'
    for (const axis of [0, 1, 2]) {
      const ends = [-0.9, 0.9].map(end => at(turned(...[0, 1, 2].map(other => (other === axis ? end : 0)))))
      context.beginPath()
      context.moveTo(ends[0][0], ends[0][1])
      context.lineTo(ends[1][0], ends[1][1])
      context.stroke()
      context.fillText(String(axis + 1), ends[1][0] + 4, ends[1][1] - 4)
    }
    const ends = order.map(i => turned(placed[3 * i], placed[3 * i + 1], placed[3 * i + 2]))
    for (let i = 0; i < count; i++) depths[i] = ends[i][2]
    const size = count > 1000 ? 1.8 : 2.8
    for (const i of Array.from(order).sort((a, b) => depths[a] - depths[b])) {
      const group = points[4 * i + 3]
      if (hidden.has(group)) continue
      const [x, y, near] = at(ends[i])
      context.globalAlpha = 0.35 + 0.55 * Math.min(1, Math.max(0, (depths[i] + 1) / 2))
      context.fillStyle = colours[group]
      context.beginPath()
      context.arc(x, y, size * near, 0, 2 * Math.PI)
      context.fill()
    }
    context.globalAlpha = 1
  }
  const ask = () => {
    if (!isAsked) requestAnimationFrame(draw)
    isAsked = true
  }
  const turn = (right, up) => {
    view.yaw += right
    view.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, view.pitch + up))
    ask()
  }
  const zoom = factor => {
    view.zoom = Math.max(0.3, Math.min(20, view.zoom * factor))
    ask()
  }

  canvas.addEventListener('pointerdown', event => canvas.setPointerCapture(event.pointerId))
  canvas.addEventListener('pointermove', event => {
    if (canvas.hasPointerCapture(event.pointerId)) turn(event.movementX / 150, event.movementY / 150)
  })
  canvas.addEventListener(
    'wheel',
    event => {
      // A page that is scrolled past the picture must go on.
      if (!event.ctrlKey && document.activeElement !== canvas) return
      event.preventDefault()
      zoom(Math.exp(-event.deltaY / 400))
    },
    { passive: false },
  )
  const moves = {
    ArrowLeft: () => turn(-0.1, 0),
    ArrowRight: () => turn(0.1, 0),
    ArrowUp: () => turn(0, -0.1),
    ArrowDown: () => turn(0, 0.1),
    '+': () => zoom(1.2),
    '-': () => zoom(1 / 1.2),
  }
  canvas.addEventListener('keydown', event => {
    if (!moves[event.key]) return
    event.preventDefault()
    moves[event.key]()
  })
  for (const [i, key] of keys.entries()) {
    key.addEventListener('click', () => {
      if (!hidden.delete(i)) hidden.add(i)
      key.setAttribute('aria-pressed', String(!hidden.has(i)))
      ask()
    })
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ask)
  new ResizeObserver(ask).observe(canvas)
}
