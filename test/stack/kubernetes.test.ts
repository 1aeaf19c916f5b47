import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { applyEnvironment, checkConfig } from '../../src/config.ts'
import { daemonConfigSchema } from '../../src/daemon.ts'
import { kafkaSourceSchema } from '../../src/ingest/kafka/config.ts'
import { apiRoutes, type DaemonView } from '../../src/stream/api.ts'
import { checkManifest, type Manifest } from '../helpers/kubernetes.ts'
import { kubectl, PROJECT } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { folder } = temporaryFolder()
const place = join(PROJECT, 'dashboards/kubernetes')
const program = kubectl()
const read = (name: string) => readFileSync(join(place, name), 'utf8')
const manifests = readdirSync(place)
  .filter(name => name.endsWith('.yaml') && !['kustomization.yaml', 'run.yaml'].includes(name))
  .flatMap(name => parseAllDocuments(read(name), { merge: true }).map(document => document.toJS() as Manifest))
const one = (kind: string, from = manifests) => from.find(manifest => manifest.kind === kind)!
const pod = one('StatefulSet').spec.template.spec
const containers = [...pod.initContainers, ...pod.containers]
const [daemon] = pod.containers
const config = checkConfig(
  applyEnvironment(parse(read('run.yaml')), daemonConfigSchema, { AUSCULT_HTTP_HOST: '0.0.0.0' }),
  daemonConfigSchema,
  'run.yaml',
)

describe('dashboards/kubernetes', () => {
  it.each(manifests.map(manifest => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s is as the schema of Kubernetes has it, and has no other field',
    (_kind, _name, manifest) => {
      expect(checkManifest(manifest)).toEqual([])
    },
  )

  it('is checked for fields that there are none of, at any depth', () => {
    const wrong = structuredClone(one('StatefulSet'))
    wrong.spec.template.spec.containers[0].readinessProbe.httpGet.pathh = '/'
    wrong.spec.replica = 3
    expect(checkManifest(wrong).sort()).toEqual([
      'unknown field .spec.replica',
      'unknown field .spec.template.spec.containers.0.readinessProbe.httpGet.pathh',
    ])
    wrong.spec.replicas = 'three'
    expect(checkManifest(wrong)).toEqual([expect.stringContaining('replicas')])
  })

  it('is all of it in the kustomization', () => {
    const names = ['kustomization.yaml', 'run.yaml']
    const files = readdirSync(place).filter(name => name.endsWith('.yaml') && !names.includes(name))
    const { resources, configMapGenerator } = parse(read('kustomization.yaml'))
    expect(resources.sort()).toEqual(files.sort())
    expect(configMapGenerator[0].files).toEqual(['run.yaml'])
  })

  it('selects its own pods, and nothing else', () => {
    const own = { 'app.kubernetes.io/name': 'auscult' }
    const statefulSet = one('StatefulSet')
    const services = manifests.filter(({ kind }) => kind === 'Service')
    const selectors = [
      statefulSet.spec.selector.matchLabels,
      statefulSet.spec.template.metadata.labels,
      pod.topologySpreadConstraints[0].labelSelector.matchLabels,
      one('PodDisruptionBudget').spec.selector.matchLabels,
      one('NetworkPolicy').spec.podSelector.matchLabels,
      ...services.map(({ spec }) => spec.selector),
    ]
    expect(selectors).toEqual(selectors.map(() => own))
    const headless = services.find(({ spec }) => spec.clusterIP === 'None')!
    expect(statefulSet.spec.serviceName).toBe(headless.metadata.name)
  })

  it('is allowed in a namespace of restricted pods', () => {
    expect(one('Namespace').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    const dockerfile = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')
    expect(dockerfile).toContain(`USER ${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`)
    for (const { securityContext, resources, name } of containers) {
      expect(securityContext, name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(Object.keys(resources.requests), name).toEqual(['cpu', 'memory'])
      expect(resources.limits.memory, name).toBeTruthy()
    }
    expect(pod.automountServiceAccountToken).toBe(false)
    for (const { hostPath } of pod.volumes) expect(hostPath).toBeUndefined()
  })

  it('asks the daemon at routes and a port that it has', () => {
    const routes = Object.keys(apiRoutes({} as DaemonView))
    const probes = [daemon.startupProbe, daemon.livenessProbe, daemon.readinessProbe]
    expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(['/healthz', '/healthz', '/readyz'])
    for (const { httpGet } of probes) {
      expect(routes).toContain(`GET ${httpGet.path}`)
      expect(httpGet.port).toBe(daemon.ports[0].name)
    }
    expect(daemon.ports).toEqual([{ name: 'http', containerPort: config.http.port }])
    for (const { spec } of manifests.filter(({ kind }) => kind === 'Service')) {
      expect(spec.ports).toEqual([{ name: 'http', port: config.http.port, targetPort: 'http' }])
    }
    const { podMetricsEndpoints, selector } = parse(read('monitoring/podmonitor.yaml')).spec
    expect(routes).toContain(`GET ${podMetricsEndpoints[0].path}`)
    expect(podMetricsEndpoints[0].port).toBe('http')
    expect(selector).toEqual(one('StatefulSet').spec.selector)
  })

  it('has the daemon write where volumes are, and read what is mounted', () => {
    const mounts: { name: string; mountPath: string; readOnly?: boolean }[] = daemon.volumeMounts
    const names = [
      ...pod.volumes,
      ...one('StatefulSet').spec.volumeClaimTemplates.map(({ metadata }: Manifest) => metadata),
    ]
    expect(mounts.map(({ name }) => name).sort()).toEqual(names.map(({ name }) => name).sort())
    const at = (path: string) => mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`))
    expect(at(config.store.path!)).toMatchObject({ name: 'state' })
    expect(at(config.store.path!)!.readOnly).toBeUndefined()
    expect(at(config.bundle)).toMatchObject({ name: 'bundle', readOnly: true })
    expect(at(daemon.args.at(-1))).toMatchObject({ name: 'config', readOnly: true })
    expect(pod.initContainers[0].volumeMounts[0].name).toBe('bundle')
  })

  it('is a consumer group whose disks suffice, and whose members have time to hand over', () => {
    const detector = kafkaSourceSchema.parse(config.sources.detector)
    expect(detector.group_id).toBe('auscult')
    expect(1000 * pod.terminationGracePeriodSeconds).toBeGreaterThan(detector.drain_ms)
    const [{ spec }] = one('StatefulSet').spec.volumeClaimTemplates
    const gibibytes = Number(/^(\d+)Gi$/.exec(spec.resources.requests.storage)![1])
    expect(gibibytes * 1024).toBeGreaterThan(1.5 * (config.store.max_mb! + config.evidence.max_mb!))
  })

  it('sets only variables that there are, from secrets', () => {
    const example = read('secrets.env.example').match(/^[A-Z_]+(?==$)/gm)
    expect(daemon.env.map(({ name }: { name: string }) => name)).toEqual(example)
    for (const { name, valueFrom } of daemon.env) expect(valueFrom.secretKeyRef.key).toBe(name)
    const set = applyEnvironment({}, daemonConfigSchema, { AUSCULT_HTTP_TOKEN: 'x' })
    expect(set).toEqual({ http: { token: 'x' } })
    expect(read('run.yaml')).toContain('password_env: KAFKA_PASSWORD')
  })
})

describe('docs/deploy.md', () => {
  it('shows an autoscaler that Kubernetes takes, for this StatefulSet', () => {
    const page = readFileSync(join(PROJECT, 'docs/deploy.md'), 'utf8')
    const manifest = parse(/^```yaml hpa\n([\s\S]*?)^```$/m.exec(page)![1]) as Manifest
    expect(checkManifest(manifest)).toEqual([])
    expect(manifest.spec.scaleTargetRef.name).toBe(one('StatefulSet').metadata.name)
    expect(manifest.spec.minReplicas).toBe(one('StatefulSet').spec.replicas)
  })
})

describe.skipIf(!program)('kubectl kustomize', () => {
  let built: Manifest[]

  beforeAll(() => {
    cpSync(place, folder, { recursive: true })
    cpSync(join(folder, 'secrets.env.example'), join(folder, 'secrets.env'))
    built = kustomize()
  })

  function kustomize(): Manifest[] {
    const { status, stdout, stderr } = spawnSync(program!, ['kustomize', folder], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return parseAllDocuments(stdout).map(document => document.toJS())
  }

  it('makes manifests that are as the schema has them, in one namespace', () => {
    expect(built.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Secret',
      'Service',
      'Service',
      'ServiceAccount',
      'StatefulSet',
    ])
    expect(built.flatMap(checkManifest)).toEqual([])
    const namespaces = built.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata)
    expect(namespaces).toEqual(namespaces.map(() => expect.objectContaining({ namespace: 'auscult' })))
  })

  it('names images of the registry, the configuration and the secret by what is in them', () => {
    const template = () => one('StatefulSet', built).spec.template.spec
    const images = [...template().initContainers, ...template().containers].map(({ image }) => image)
    expect(images).toEqual(['registry.example/auscult-bundle:1', 'registry.example/auscult:0.1.0'])
    const config = () => template().volumes.find(({ name }: { name: string }) => name === 'config').configMap.name
    expect(config()).toBe(one('ConfigMap', built).metadata.name)
    expect(template().containers[0].env[0].valueFrom.secretKeyRef.name).toBe(one('Secret', built).metadata.name)
    const before = config()
    writeFileSync(join(folder, 'run.yaml'), `${read('run.yaml')}log: { level: debug }\n`)
    built = kustomize()
    expect(config()).not.toBe(before)
  })

  it('takes the monitor of the Prometheus operator when it is asked to', () => {
    const file = join(folder, 'kustomization.yaml')
    writeFileSync(file, `${read('kustomization.yaml')}components: [monitoring]\n`)
    expect(kustomize().map(({ kind }) => kind)).toContain('PodMonitor')
  })
})
