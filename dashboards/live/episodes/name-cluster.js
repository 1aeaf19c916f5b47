import { element, field } from '../app/dom.js'
import { decide } from './form-dialog.js'
import { Labels } from './labels.js'

/**
 * Asks what a cluster is to be called, and calls it so.
 * @param cluster of an episode, or `{ id }`
 * @returns whether it was done
 */
export async function nameCluster(app, cluster) {
  const labels = Labels.of(app)
  const input = element('input', { name: 'label', maxlength: '200', autocomplete: 'off', 'data-first': true })
  input.value = labels.label(cluster) ?? ''
  const answer = await decide(app, {
    title: `Name cluster ${cluster.id}`,
    intro: [
      `What is this? All episodes of cluster ${cluster.id} get the name, earlier and later ones. A cluster with a name is kept. Empty takes the name away.`,
    ],
    fields: [field('Name', input, { class: 'field wide' })],
    submit: 'Name it',
    decide: fields => app.api.put(`v1/clusters/${cluster.id}/label`, { ...fields, label: input.value.trim() || null }),
  })
  if (!answer) return false
  labels.set(answer.cluster, answer.label)
  app.toast(answer.label ? `Cluster ${answer.cluster} is ${answer.label}` : 'The name is gone', 'good')
  return true
}
