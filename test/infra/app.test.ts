import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** Runs the app as the `cdk` command does, but with no credentials, no home and no way to the network. */
const runApp = (topology: string, outdir: string) =>
  spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: outdir,
      HTTPS_PROXY: 'http://127.0.0.1:9',
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ topology, '@aws-cdk/core:validateAgainstDefaultRules': true }),
    },
  })

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

interface Resource {
  readonly Type: string
  readonly Properties: {
    readonly FunctionName: string
    readonly Code: { readonly S3Key: string }
    readonly Environment: { readonly Variables: Record<string, string> }
  }
}

/** The functions of a synthesised assembly, in the order of their names. */
const functionsIn = (assembly: string): readonly Resource['Properties'][] =>
  globSync(join(assembly, 'assembly-*/*.template.json'))
    .flatMap((file) => Object.values<Resource>(json(file).Resources))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => Properties)
    .toSorted((one, other) => one.FunctionName.localeCompare(other.FunctionName))

/** An asset lies in the assembly under the hash that names it in the bucket. */
const bundleOf = (assembly: string, { Code }: Resource['Properties']): string =>
  join(assembly, `asset.${Code.S3Key.replace('.zip', '')}`, 'index.mjs')

const MAPPINGS =
  'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:eu-west-1:<AWS::AccountId>:event-source-mapping:*]'

const bucketOf = (link: string, folder: string): string =>
  `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::twinshore-${link}-failover-<AWS::AccountId>/${folder}/*]`
const executionsOf = (region: string, link: string): string =>
  `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:${region}:<AWS::AccountId>:execution:twinshore-${link}-failover:*]`

/** What fails over calls more of AWS than what replicates, and nothing waits for its cold start but itself. */
const BYTES: readonly (readonly [string, number])[] = [
  ['-failover', 1_200_000],
  ['-fence', 1_200_000],
]

const FAILING_OVER: readonly string[] = ['self-managed-pair']

interface Acknowledged {
  readonly ruleName: string
  readonly reason: string
}

describe('the app', () => {
  let outdir: string
  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), 'twinshore-app-'))
  })
  afterAll(() => rmSync(outdir, { recursive: true }))

  it.each([
    ['local', ['west-east'], ['AwsSolutions-IAM5[Resource::*]', MAPPINGS]],
    [
      'msk-pair',
      ['euw1-use1', 'use1-euw1'],
      [
        'AwsSolutions-IAM5[Resource::*]',
        MAPPINGS.replace('<AWS::AccountId>', '111122223333'),
        'AwsSolutions-IAM5[Resource::arn:aws:kafka:eu-west-1:111122223333:group/orders/1c0d9e8f-5b6a-4c3d-8e2f-7a9b0c1d2e3f-s2/*]',
        'AwsSolutions-IAM5[Resource::arn:aws:kafka:eu-west-1:111122223333:group/orders/1c0d9e8f-5b6a-4c3d-8e2f-7a9b0c1d2e3f-s2/twinshore.euw1-use1.*]',
        'AwsSolutions-IAM5[Resource::arn:aws:kafka:eu-west-1:111122223333:topic/orders/1c0d9e8f-5b6a-4c3d-8e2f-7a9b0c1d2e3f-s2/*]',
        'AwsSolutions-IAM5[Resource::arn:aws:kafka:us-east-1:111122223333:group/orders/8f3b2c51-7a10-4d0e-9f4e-2a6f3d0c9b11-5/*]',
        'AwsSolutions-IAM5[Resource::arn:aws:kafka:us-east-1:111122223333:group/orders/8f3b2c51-7a10-4d0e-9f4e-2a6f3d0c9b11-5/twinshore.use1-euw1.*]',
        'AwsSolutions-IAM5[Resource::arn:aws:kafka:us-east-1:111122223333:topic/orders/8f3b2c51-7a10-4d0e-9f4e-2a6f3d0c9b11-5/*]',
      ],
    ],
    [
      'self-managed-pair',
      ['dublin-ohio', 'ohio-dublin'],
      [
        'AwsSolutions-IAM5[Resource::*]',
        MAPPINGS,
        MAPPINGS.replace('eu-west-1', 'us-east-2'),
        ...['dublin-ohio', 'ohio-dublin'].flatMap((link) =>
          ['reports', 'tails'].map((folder) => bucketOf(link, folder)),
        ),
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::twinshore-ohio-dublin-quarantine-<AWS::AccountId>/*]',
        executionsOf('eu-west-1', 'ohio-dublin'),
        executionsOf('us-east-2', 'dublin-ohio'),
        'AwsSolutions-S1',
      ],
    ],
  ])('synthesises %s offline, without an account, by all rules but those acknowledged', (topology, links, rules) => {
    const { status, stderr } = runApp(topology, join(outdir, topology))
    expect(stderr).not.toMatch(/error|warning/i)
    expect(status).toBe(0)
    const manifests = globSync(join(outdir, topology, 'assembly-*/manifest.json')).map(json)
    const artifacts = manifests.flatMap(({ artifacts }) =>
      Object.values<{ properties?: { stackName?: string } }>(artifacts),
    )
    const concerns = ['replication', 'state', 'sync', 'watch', ...(FAILING_OVER.includes(topology) ? ['failover'] : [])]
    expect(artifacts.flatMap(({ properties }) => properties?.stackName ?? []).toSorted()).toEqual(
      links.flatMap((link) => concerns.toSorted().map((concern) => `twinshore-${link}-${concern}`)),
    )
    expect(manifests.map(({ missing }) => missing)).toEqual([undefined])
    const [report, ...others] = json(join(outdir, topology, 'validation-report.json')).pluginReports
    expect([report.conclusion, others]).toEqual(['success', []])
    const acknowledged: readonly Acknowledged[] = report.suppressedViolations
    expect([...new Set(acknowledged.map(({ ruleName }) => ruleName))].toSorted()).toEqual(rules)
    for (const { reason } of acknowledged) expect(reason.length).toBeGreaterThan(40)
  })

  it('bundles each function into one file below 1 MB, or not much above, that loads in its environment and has a handler', () => {
    const assembly = join(outdir, 'self-managed-pair')
    const functions = functionsIn(assembly)
    const names = [
      ...['failover', 'fence', 'heartbeat', 'measure-lag', 'remove-mappings', 'replicate'],
      ...['sync-access', 'sync-groups', 'sync-topics', 'verify'],
    ]
    expect(functions.map(({ FunctionName }) => FunctionName)).toEqual(
      ['dublin-ohio', 'ohio-dublin'].flatMap((link) => names.map((name) => `twinshore-${link}-${name}`)),
    )
    for (const made of functions) {
      const code = bundleOf(assembly, made)
      expect(statSync(code).size).toBeLessThan(
        BYTES.find(([name]) => made.FunctionName.endsWith(name))?.[1] ?? 1_000_000,
      )
      const load = 'const { handler } = await import(process.argv[1]); process.stdout.write(typeof handler)'
      const loaded = spawnSync(process.execPath, ['--input-type=module', '-e', load, code], {
        encoding: 'utf8',
        env: { AWS_REGION: 'eu-west-1', ...made.Environment.Variables },
        timeout: 30_000,
      })
      expect([loaded.stdout, loaded.stderr]).toEqual(['function', ''])
    }
  })

  it.each([
    ['sync-topics', 'msk-pair', ['euw1-use1', 'use1-euw1']],
    ['sync-groups', 'msk-pair', ['euw1-use1', 'use1-euw1']],
    ['sync-access', 'self-managed-pair', ['dublin-ohio', 'ohio-dublin']],
    ['fence', 'self-managed-pair', ['dublin-ohio', 'ohio-dublin']],
    ['failover', 'self-managed-pair', ['dublin-ohio', 'ohio-dublin']],
    ['verify', 'msk-pair', ['euw1-use1', 'use1-euw1']],
    ['measure-lag', 'msk-pair', ['euw1-use1', 'use1-euw1']],
  ])('builds into %s what it is to do, and links do not share a bundle', (name, topology, links) => {
    const assembly = join(outdir, topology)
    const bundles = functionsIn(assembly)
      .filter(({ FunctionName }) => FunctionName.endsWith(`-${name}`))
      .map((made) => [made.FunctionName, readFileSync(bundleOf(assembly, made), 'utf8')] as const)
    expect(bundles.map(([made]) => made)).toEqual(links.map((link) => `twinshore-${link}-${name}`))
    for (const [made, code] of bundles) {
      const link = made.slice('twinshore-'.length, -`-${name}`.length)
      expect(code).toContain(`"link":{"installation":"twinshore","name":"${link}"`)
      expect(code).not.toContain('process.env.TWINSHORE_ORDER')
    }
  })

  it('says which topologies there are when it is asked for another', () => {
    const { status, stderr } = runApp('lokal', join(outdir, 'none'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/infra\/topologies\/ has .*\blocal, msk-active-standby, msk-pair, self-managed-pair\b/)
    expect(stderr).not.toContain('    at ')
  })
})
