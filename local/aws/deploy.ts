import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localiseAssembly } from './assembly.ts'
import { type CdkOptions, runCdk } from './cdk.ts'
import { type DeployedStack, readStack } from './deployed-stack.ts'
import { LOCAL_ACCOUNT } from './gateway/mapping-configuration.ts'

export interface DeployOptions extends CdkOptions {
  /** The command that synthesises; by default that of `cdk.json`. */
  readonly app?: string
  readonly context?: Readonly<Record<string, string>>
  /** Where the assembly goes; it is made anew. */
  readonly assembly: string
}

/** A stack of an assembly, in whatever stage. */
export interface AssembledStack {
  readonly name: string
  readonly region: string
}

interface Artifact {
  readonly type: string
  readonly environment?: string
  readonly displayName?: string
  readonly properties?: { readonly directoryName?: string; readonly stackName?: string }
}

const ENVIRONMENT = /^aws:\/\/([^/]+)\/(.+)$/
const UNKNOWN_ACCOUNT = 'unknown-account'

const stackOf = (id: string, { environment = '', properties }: Artifact): AssembledStack => {
  const [, account, region = ''] = ENVIRONMENT.exec(environment) ?? []
  if (account !== LOCAL_ACCOUNT && account !== UNKNOWN_ACCOUNT)
    throw new Error(`deploying ${id}: it is for ${environment}, and only account ${LOCAL_ACCOUNT} is local`)
  return { name: properties?.stackName ?? id, region }
}

const stacksIn = async (assembly: string): Promise<AssembledStack[]> => {
  const { artifacts = {} } = JSON.parse(await readFile(join(assembly, 'manifest.json'), 'utf8'))
  const found = Object.entries(artifacts as Record<string, Artifact>).map(async ([id, artifact]) => {
    if (artifact.type === 'aws:cloudformation:stack') return [stackOf(id, artifact)]
    if (artifact.type !== 'cdk:cloud-assembly') return []
    return stacksIn(join(assembly, artifact.properties?.directoryName ?? ''))
  })
  return (await Promise.all(found)).flat()
}

const contextArguments = (context: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`])

/** Synthesises the app as it is, and leaves out of the assembly what the local AWS cannot do. */
export const assemble = async (options: DeployOptions): Promise<AssembledStack[]> => {
  const app = options.app === undefined ? [] : ['--app', options.app]
  await runCdk(
    ['synth', '--quiet', '--output', options.assembly, ...app, ...contextArguments(options.context)],
    options,
  )
  await localiseAssembly(options.assembly)
  return stacksIn(options.assembly)
}

/** Prepares regions for the CDK, as `cdk bootstrap` does on AWS. It synthesises too, and must not do so where another world does. */
export const bootstrap = (regions: readonly string[], options: CdkOptions): Promise<void> => {
  const places = regions.map((region) => `aws://${LOCAL_ACCOUNT}/${region}`)
  return runCdk(['bootstrap', '--output', join(options.home, 'bootstrap.out'), ...places], options)
}

/** Deploys all stacks of an assembly. */
export const deploy = async (stacks: readonly AssembledStack[], options: DeployOptions): Promise<DeployedStack[]> => {
  const all = ['--app', options.assembly, '**', '--concurrency', '2']
  await runCdk(['deploy', ...all, '--require-approval', 'never', '--progress', 'events'], options)
  return Promise.all(stacks.map(({ name, region }) => readStack(options.endpoint, region, name)))
}

/** Destroys all stacks of an assembly. */
export const destroy = (options: DeployOptions): Promise<void> =>
  runCdk(['destroy', '--app', options.assembly, '**', '--force'], options)
