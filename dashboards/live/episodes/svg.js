const NAMESPACE = 'http://www.w3.org/2000/svg'

/** Makes an element of a picture; attributes are numbers or texts. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(NAMESPACE, tag)
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value)
  }
  node.append(...children)
  return node
}

/** Draws a node anew whenever its width changes. @returns what ends it */
export function onWidth(node, draw) {
  let width = 0
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (Math.round(contentRect.width) === width) return
    width = Math.round(contentRect.width)
    if (width > 0) draw(width)
  })
  observer.observe(node)
  return () => observer.disconnect()
}
