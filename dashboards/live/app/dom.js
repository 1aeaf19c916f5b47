/**
 * Makes an element. `on…` attributes that are functions become listeners, `true` an attribute without a value; `false`, null and undefined
 * leave the attribute out. Children are nodes or text; null, undefined and false are left out.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2).toLowerCase(), value)
    else if (value !== false && value !== null && value !== undefined)
      node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false))
  return node
}

export const byId = id => document.getElementById(id)

/** Sets a text, touching the page only if it changes. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/** A plain button: `button('Mute', () => …, { class: 'quiet' })`. */
export const button = (label, onClick, attributes = {}) =>
  element('button', { type: 'button', onclick: onClick, ...attributes }, label)

let labels = 0
/** A labelled input or select: the label, then the control that it names. */
export function field(label, control, attributes = {}) {
  control.id ||= `field-${++labels}`
  return element('div', { class: 'field', ...attributes }, element('label', { for: control.id }, label), control)
}

/**
 * Makes the children of `parent` the nodes of `items`, in their order. Nodes are kept by key and moved, so that what is focused, selected or
 * read stays. `rows` is a Map that the caller keeps; a row is what `make(item)` returns, with a `node`.
 */
export function reconcile(parent, rows, items, keyOf, make, fill) {
  const wanted = new Set(items.map(keyOf))
  for (const [key, row] of rows) {
    if (wanted.has(key)) continue
    row.node.remove()
    rows.delete(key)
  }
  items.forEach((item, i) => {
    const key = keyOf(item)
    let row = rows.get(key)
    if (!row) {
      row = make(item)
      rows.set(key, row)
    }
    fill(row, item)
    if (parent.children[i] !== row.node) parent.insertBefore(row.node, parent.children[i] ?? null)
  })
}
