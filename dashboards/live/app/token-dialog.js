import { byId } from './dom.js'

let asking

/** Asks for the token that changes need, once for all that wait for it. @returns it, or null when the user gives up */
export function askToken(wasWrong) {
  asking ??= ask(wasWrong).finally(() => {
    asking = undefined
  })
  return asking
}

function ask(wasWrong) {
  const dialog = byId('token-dialog')
  const input = byId('token-value')
  byId('token-problem').hidden = !wasWrong
  input.value = ''
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'ok' ? input.value.trim() : null), {
      once: true,
    })
  })
}
