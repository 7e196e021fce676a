import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What ministack's CloudFormation does not have (1.5.33), with nothing that replicates depending on it. Alarms are
 * asserted on the unchanged templates instead.
 */
const UNKNOWN_TYPES: ReadonlySet<string> = new Set([
  'AWS::EC2::EIP',
  'AWS::EC2::NatGateway',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Logs::QueryDefinition',
])

interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly DependsOn?: string | readonly string[]
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs?: Readonly<Record<string, unknown>>
}

export interface Localised {
  readonly template: Template
  /** Logical ids of the resources that are not deployed. */
  readonly dropped: readonly string[]
  /** What still refers to a dropped resource, so that the deploy would fail; to be empty. */
  readonly dangling: readonly string[]
}

const isUnknown = ({ Type, Properties }: Resource): boolean =>
  UNKNOWN_TYPES.has(Type) || (Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const substituted = (text: unknown): string[] =>
  [...String(Array.isArray(text) ? text[0] : text).matchAll(/\$\{([^!.}][^.}]*)/g)].map(([, name = '']) => name)

/** Logical ids that a piece of a template refers to. */
export const references = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(references)
  if (!isObject(value)) return []
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value
  const own = [
    ...(typeof ref === 'string' ? [ref] : []),
    ...(Array.isArray(attribute) ? [String(attribute[0])] : []),
    ...(typeof attribute === 'string' ? [attribute.split('.')[0] ?? ''] : []),
    ...(text === undefined ? [] : substituted(text)),
  ]
  return [...own, ...Object.values(value).flatMap(references)]
}

const refersTo = (value: unknown, gone: ReadonlySet<string>): boolean => references(value).some((id) => gone.has(id))

/** A route is nothing without the gateway that it leads to. */
const isPointless = ({ Type, Properties }: Resource, gone: ReadonlySet<string>): boolean =>
  Type === 'AWS::EC2::Route' && refersTo(Properties, gone)

const choose = (resources: Template['Resources']): Set<string> => {
  const entries = Object.entries(resources)
  const gone = new Set(entries.filter(([, resource]) => isUnknown(resource)).map(([id]) => id))
  for (const [id, resource] of entries) if (isPointless(resource, gone)) gone.add(id)
  return gone
}

/** A list loses the items that are references to what is gone; a dashboard is such a list of texts. */
const withoutReferences = (value: unknown, gone: ReadonlySet<string>): unknown => {
  if (Array.isArray(value)) {
    const kept = value.filter((item) => !(isObject(item) && Object.keys(item).length === 1 && refersTo(item, gone)))
    return kept.map((item) => withoutReferences(item, gone))
  }
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutReferences(item, gone)]))
}

const keep = (resource: Resource, gone: ReadonlySet<string>): Resource => {
  const { DependsOn: dependsOn, ...rest } = resource
  const left = (typeof dependsOn === 'string' ? [dependsOn] : (dependsOn ?? [])).filter((id) => !gone.has(id))
  const kept = left.length === 0 ? rest : { ...rest, DependsOn: left }
  if (resource.Type !== 'AWS::CloudWatch::Dashboard') return kept
  return { ...kept, Properties: withoutReferences(resource.Properties, gone) as Record<string, unknown> }
}

/** Leaves out of a template what the local AWS cannot do. */
export const localiseTemplate = (template: Template): Localised => {
  const gone = choose(template.Resources)
  const kept = Object.entries(template.Resources).filter(([id]) => !gone.has(id))
  const resources = Object.fromEntries(kept.map(([id, resource]) => [id, keep(resource, gone)]))
  const outputs = Object.entries(template.Outputs ?? {}).filter(([, output]) => !refersTo(output, gone))
  return {
    template: { ...template, Resources: resources, ...(template.Outputs && { Outputs: Object.fromEntries(outputs) }) },
    dropped: [...gone],
    dangling: Object.entries(resources)
      .filter(([, { Properties }]) => refersTo(Properties, gone))
      .map(([id, { Type }]) => `${id} (${Type})`),
  }
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, Asset>>
}
interface Asset {
  readonly source: { readonly path: string }
  readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>
}

/**
 * The manifest with the template's asset under its new hash, and the old one. An asset keeps its place in the bucket as
 * long as its hash stays, so that CDK would not upload a template that was only altered.
 */
export const rehashAsset = <Manifest extends AssetManifest>(
  manifest: Manifest,
  templateFile: string,
  hash: string,
): { readonly manifest: Manifest; readonly oldHash: string } | undefined => {
  const found = Object.entries(manifest.files ?? {}).find(([, { source }]) => source.path === templateFile)
  if (found === undefined) return undefined
  const [oldHash, asset] = found
  const { [oldHash]: _, ...others } = manifest.files ?? {}
  const destinations = Object.fromEntries(
    Object.entries(asset.destinations).map(([id, to]) => [
      id,
      { ...to, objectKey: to.objectKey.replace(oldHash, hash) },
    ]),
  )
  return { manifest: { ...manifest, files: { ...others, [hash]: { ...asset, destinations } } }, oldHash }
}

const readJson = async (file: string) => JSON.parse(await readFile(file, 'utf8'))
const TEMPLATE = '.template.json'

const localiseFile = async (folder: string, file: string): Promise<readonly string[]> => {
  const path = join(folder, file)
  const { template, dropped, dangling } = localiseTemplate(await readJson(path))
  if (dangling.length > 0)
    throw new Error(
      `localising ${path}: ${dangling.join(', ')} refer to what the local AWS lacks (${dropped.join(', ')})`,
    )
  if (dropped.length === 0) return []
  const body = JSON.stringify(template, undefined, 1)
  await writeFile(path, body)
  await rehash(folder, file, createHash('sha256').update(body).digest('hex'))
  return dropped.map((id) => `${file}: ${id}`)
}

const rehash = async (folder: string, templateFile: string, hash: string): Promise<void> => {
  const assets = join(folder, templateFile.replace(TEMPLATE, '.assets.json'))
  const rehashed = rehashAsset(await readJson(assets), templateFile, hash)
  if (rehashed === undefined) return
  await writeFile(assets, JSON.stringify(rehashed.manifest, undefined, 1))
  const manifest = join(folder, 'manifest.json')
  const text = await readFile(manifest, 'utf8')
  await writeFile(manifest, text.replaceAll(`${rehashed.oldHash}.json`, `${hash}.json`))
}

/** Localises a synthesised assembly where it lies, with the assemblies of its stages; says what was left out. */
export const localiseAssembly = async (folder: string): Promise<string[]> => {
  const dropped: string[] = []
  const entries = await readdir(folder, { recursive: true })
  for (const entry of entries.filter((name) => name.endsWith(TEMPLATE)).sort()) {
    const at = entry.lastIndexOf('/') + 1
    dropped.push(...(await localiseFile(join(folder, entry.slice(0, at)), entry.slice(at))))
  }
  return dropped
}
