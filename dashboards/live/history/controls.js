import { element, field } from '../app/dom.js'

let lists = 0

/** A select in a field. @param options `[value, text]` */
export function choose(label, name, options) {
  const node = element('select', { name }, ...options.map(([value, text]) => element('option', { value }, text)))
  return { node, field: field(label, node) }
}

/** An input in a field, with suggestions. */
export function input(label, name, attributes = {}, suggestions = undefined) {
  const node = element('input', { name, autocomplete: 'off', ...attributes })
  const parts = [node]
  if (suggestions) {
    const list = element('datalist', { id: `suggestions-${++lists}` })
    node.setAttribute('list', list.id)
    const fill = () => list.replaceChildren(...suggestions().map(value => element('option', { value })))
    node.addEventListener('focus', fill)
    parts.push(list)
  }
  const made = field(label, node)
  made.append(...parts.slice(1))
  return { node, field: made }
}

export const names = app => () => [...app.state.sources.keys()].sort()
