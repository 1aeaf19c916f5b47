/** Makes an element with attributes and children (nodes or text). */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

export const byId = id => document.getElementById(id)

/** Sets a text, touching the page only if it changes. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}
