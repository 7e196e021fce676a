import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '../..')

/** As `infra/constructs/replicator.ts` has the function bundled; `Bundles.likeDeployed` tells whether that is still so. */
const LIKE_THE_STACK: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'external',
  sourcesContent: false,
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'error',
}

/** The packages whose loading could matter; each is bundled alone, so that what they share counts for each of them. */
export const BIG_PACKAGES = [
  'kafkajs',
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-s3',
  '@aws-sdk/client-secrets-manager',
  '@aws-lambda-powertools/logger',
  '@aws-lambda-powertools/metrics',
  '@middy/core',
] as const
export type BigPackage = (typeof BIG_PACKAGES)[number]

export interface Bundles {
  readonly bytes: number
  /** Whether bundling here gives what the stacks deploy, to the byte. */
  readonly likeDeployed: boolean
  /** Bytes of the bundle by package; what is ours is `twinshore`. */
  readonly shares: ReadonlyMap<string, number>
  /** The runner of a start, the function with timed calls, and each package alone. */
  readonly start: string
  readonly timedCalls: string
  readonly packages: ReadonlyMap<BigPackage, string>
}

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\//

const sharesOf = ({ outputs }: Metafile): Map<string, number> => {
  const shares = new Map<string, number>()
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const owner = PACKAGE.exec(file)?.[1] ?? 'twinshore'
      shares.set(owner, (shares.get(owner) ?? 0) + bytesInOutput)
    }
  }
  return shares
}

/** Imports all that a package exports and keeps it, so that nothing is shaken out of it. */
const wholePackage = (name: string): BuildOptions => ({
  stdin: {
    contents: `import * as all from '${name}'; export const handler = async () => Object.keys(all)`,
    resolveDir: ROOT,
  },
})

/** Makes every module that a cold start is measured with; `deployed` is the bundle of the stacks. */
export const makeBundles = async (folder: string, deployed: string): Promise<Bundles> => {
  const make = async (name: string, what: BuildOptions): Promise<string> => {
    const outfile = join(folder, name)
    await build({ ...LIKE_THE_STACK, ...what, outfile })
    return outfile
  }
  const whole = join(folder, 'whole.mjs')
  const entryPoints = [join(ROOT, 'functions/replicate/index.ts')]
  const { metafile } = await build({ ...LIKE_THE_STACK, entryPoints, outfile: whole, metafile: true })
  const [{ size: bytes }, { size: here }] = await Promise.all([stat(deployed), stat(whole)])
  const packages = BIG_PACKAGES.map(
    async (name, at) => [name, await make(`package-${at}.mjs`, wholePackage(name))] as const,
  )
  const start = { entryPoints: [join(import.meta.dirname, 'function-start.ts')], bundle: false, minify: false }
  return {
    bytes,
    likeDeployed: bytes === here,
    shares: sharesOf(metafile),
    start: await make('start.mjs', start),
    timedCalls: await make('timed-calls.mjs', { entryPoints: [join(import.meta.dirname, 'timed-calls.ts')] }),
    packages: new Map(await Promise.all(packages)),
  }
}
