import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CloudFormationClient, paginateListStacks } from '@aws-sdk/client-cloudformation'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import type { WorldDescription } from '../../local/world/world-description.ts'

const MAIN = join(import.meta.dirname, '../../local/main.ts')
const REGION = 'eu-west-1'
const OUR_STACKS = ['twinshore-west-east-replication', 'twinshore-west-east-state']

const runMain = async (...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const main = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const code = new Promise<number | null>((resolve) => main.once('exit', resolve))
  const [out, err] = await Promise.all([text(main.stdout), text(main.stderr)])
  return { code: await code, out, err }
}

/** By name; those that were deleted are not there. */
const stacksIn = async (endpoint: string): Promise<string[]> => {
  const client = new CloudFormationClient(clientSettings(endpoint, REGION))
  const names: string[] = []
  for await (const { StackSummaries = [] } of paginateListStacks({ client }, {}))
    for (const { StackName = '', StackStatus } of StackSummaries)
      if (StackStatus !== 'DELETE_COMPLETE') names.push(StackName)
  client.destroy()
  return names.filter((name) => name.startsWith('twinshore-')).sort()
}

const tablesIn = async (endpoint: string): Promise<string[]> => {
  const client = new DynamoDBClient(clientSettings(endpoint, REGION))
  const { TableNames = [] } = await client.send(new ListTablesCommand({}))
  client.destroy()
  return TableNames
}

describe('a world on an AWS that somebody else has started', () => {
  const name = `test-${randomBytes(4).toString('hex')}`
  let folder: string
  let aws: LocalAws
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinshore-named-aws-'))
    aws = await startAws({ folder })
  })
  afterAll(async () => {
    await runMain('down', '--name', name)
    await aws?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('deploys to it', async () => {
    const { code, out, err } = await runMain('--json', '--aws-endpoint', aws.url, '--name', name)
    expect(code, err).toBe(0)
    const world: WorldDescription = JSON.parse(out)
    expect(world.links).toMatchObject([{ name: 'west-east' }])
    expect(await stacksIn(aws.url)).toEqual(expect.arrayContaining(OUR_STACKS))
    expect(await tablesIn(aws.url)).toEqual(['twinshore-west-east'])
  })

  it('leaves it running, and as it was, when it goes', async () => {
    expect(await runMain('down', '--name', name)).toMatchObject({ code: 0 })
    expect(await stacksIn(aws.url)).toEqual([])
    expect(await tablesIn(aws.url)).toEqual([])
  })
})
