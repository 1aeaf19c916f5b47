import { button, element, field } from '../app/dom.js'

/** Names of fields stay as they are. */
const capital = text => (/^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text)

/**
 * Asks what is needed for a decision: who decides (remembered), a note, and more.
 * @param app
 * @param {object} options
 *   `title`; `intro` nodes or texts; `fields` nodes; `submit` what the button says; `danger`;
 *   `decide({ who, note })` does it and throws what is to be shown; its answer is passed on
 * @returns {Promise<unknown>} what `decide` answered; undefined when it was given up
 */
export function decide(app, { title, intro = [], fields = [], submit, decide: act }) {
  const who = element('input', { name: 'who', autocomplete: 'name', maxlength: '200', value: app.api.who })
  const note = element('input', { name: 'note', maxlength: '2000', autocomplete: 'off' })
  who.placeholder = 'the address of this machine'
  const problem = element('div', { class: 'problem', role: 'alert', hidden: true })
  const ok = element('button', { type: 'submit', class: 'primary' }, submit)
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', {}, title),
    ...intro.map(each => (typeof each === 'string' ? element('p', {}, each) : each)),
    ...fields,
    element('div', { class: 'two' }, field('Note', note), field('Your name', who)),
    problem,
    element(
      'div',
      { class: 'actions' },
      ok,
      button('Cancel', () => dialog.close()),
    ),
  )
  const dialog = element('dialog', { class: 'decision', 'aria-label': title }, form)
  return new Promise(resolve => {
    let result
    form.addEventListener('submit', async event => {
      event.preventDefault()
      if (ok.disabled) return
      ok.disabled = true
      problem.hidden = true
      app.api.who = who.value.trim()
      try {
        result = await act({ ...(note.value.trim() && { note: note.value.trim() }) })
        dialog.close()
      } catch (error) {
        const lines = [capital(`${error.message}.`), error.remedy].filter(Boolean)
        problem.replaceChildren(...lines.map(line => element('p', {}, line)))
        problem.hidden = false
      }
      ok.disabled = false
    })
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(result)
    })
    document.body.append(dialog)
    dialog.showModal()
    ;(form.querySelector('[data-first]') ?? note).focus()
  })
}

/** Radio buttons in a row. @returns the fieldset, and what is chosen */
export function choice(legend, name, options, chosen) {
  const node = element(
    'fieldset',
    { class: 'choice' },
    element('legend', {}, legend),
    ...options.map(([value, text, { disabled = false } = {}]) =>
      element(
        'label',
        {},
        element('input', { type: 'radio', name, value, checked: value === chosen, disabled }),
        element('span', {}, text),
      ),
    ),
  )
  return { node, value: () => node.querySelector('input:checked')?.value }
}
