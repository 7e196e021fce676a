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
  readonly Properties: { readonly Environment?: { readonly Variables: Record<string, string> } }
}

const environmentOfFunction = (assembly: string): Record<string, string> | undefined =>
  globSync(join(assembly, 'assembly-*/*replication*.template.json'))
    .flatMap((file) => Object.values<Resource>(json(file).Resources))
    .find(({ Type }) => Type === 'AWS::Lambda::Function')?.Properties.Environment?.Variables

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
    ['local', ['west-east'], ['AwsSolutions-IAM5[Resource::*]']],
    ['msk-pair', ['euw1-use1', 'use1-euw1'], ['AwsSolutions-IAM5[Resource::*]']],
    [
      'self-managed-pair',
      ['ohio-dublin'],
      [
        'AwsSolutions-IAM5[Resource::*]',
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::twinshore-ohio-dublin-quarantine-<AWS::AccountId>/*]',
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
    expect(artifacts.flatMap(({ properties }) => properties?.stackName ?? []).toSorted()).toEqual(
      links.flatMap((link) => [`twinshore-${link}-replication`, `twinshore-${link}-state`]),
    )
    expect(manifests.map(({ missing }) => missing)).toEqual([undefined])
    const [report, ...others] = json(join(outdir, topology, 'validation-report.json')).pluginReports
    expect([report.conclusion, others]).toEqual(['success', []])
    const acknowledged: readonly Acknowledged[] = report.suppressedViolations
    expect([...new Set(acknowledged.map(({ ruleName }) => ruleName))].toSorted()).toEqual(rules)
    for (const { reason } of acknowledged) expect(reason.length).toBeGreaterThan(40)
  })

  it('bundles the function into one file below 1 MB that loads and has a handler', () => {
    const [code] = globSync(join(outdir, 'local/asset.*/index.mjs'))
    if (code === undefined) throw new Error('the topology local has no bundled function')
    expect(statSync(code).size).toBeLessThan(1_000_000)
    const load = 'const { handler } = await import(process.argv[1]); process.stdout.write(typeof handler)'
    const loaded = spawnSync(process.execPath, ['--input-type=module', '-e', load, code], {
      encoding: 'utf8',
      env: { AWS_REGION: 'eu-west-1', ...environmentOfFunction(join(outdir, 'local')) },
      timeout: 30_000,
    })
    expect([loaded.stdout, loaded.stderr]).toEqual(['function', ''])
  })

  it('says which topologies there are when it is asked for another', () => {
    const { status, stderr } = runApp('lokal', join(outdir, 'none'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/infra\/topologies\/ has .*\blocal, msk-pair, self-managed-pair\b/)
    expect(stderr).not.toContain('    at ')
  })
})
