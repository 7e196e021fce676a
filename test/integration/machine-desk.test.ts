import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import { fetchReport, s3ReportStore } from '../../shared/adapters/s3/report-store.ts'
import { createS3Client } from '../../shared/adapters/s3/s3-client.ts'
import { machineAccount, stateMachineDesk } from '../../shared/adapters/sfn/machine-desk.ts'
import type { MachineDesk } from '../../shared/usecases/failover/desk-ports.ts'
import { inTime } from '../support/in-time.ts'

const REGION = 'eu-west-1'
const WISH = { mode: 'drill', reason: 'a test', who: 'vitest' } as const

let folder: string
let aws: LocalAws
let client: SFNClient
let desk: MachineDesk

/** Ends as a failover does, once somebody could have looked. */
const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Waits',
  States: {
    Waits: { Type: 'Wait', Seconds: 2, Next: 'End' },
    End: { Type: 'Pass', Output: { outcome: 'drilled', execution: 'one', report: 's3://b/k' }, End: true },
  },
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-desk-'))
  aws = await startAws({ folder })
  client = new SFNClient(clientSettings(aws.url, REGION))
  for (const name of ['another', 'failover'])
    await client.send(
      new CreateStateMachineCommand({ name, definition, roleArn: 'arn:aws:iam::000000000000:role/any' }),
    )
  desk = stateMachineDesk(client, 'failover')
})

afterAll(async () => {
  client?.destroy()
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('a state machine that is deployed', () => {
  it('is started, followed by its name, and found to have ended', async () => {
    expect(await desk.newest(inTime())).toBeUndefined()
    await desk.start('one', WISH, inTime())
    expect(await desk.look('one', inTime())).toEqual({ kind: 'running' })
    expect(await desk.newest(inTime())).toMatchObject({ name: 'one', running: true })
    const ended = { kind: 'ended', outcome: 'drilled', report: 's3://b/k' }
    await expect.poll(() => desk.look('one', inTime()), { timeout: 30_000 }).toEqual(ended)
    expect(await desk.newest(inTime())).toMatchObject({ name: 'one', running: false })
    expect(await desk.look('two', inTime())).toBeUndefined()
  })

  it('tells which account it is in', async () => {
    expect(await machineAccount(client, 'failover', inTime())).toMatch(/^\d{12}$/)
    await expect(machineAccount(client, 'none', inTime())).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('waits for no answer with a token that it never gave', async () => {
    expect(await desk.answer('nobody-has-it', { hash: 'h', by: 'anna' }, inTime())).toBe('late')
  })
})

it('a report is kept in a bucket, and read back from the place that is told', async () => {
  const s3 = createS3Client({ ...clientSettings(aws.url, REGION), forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: 'failover' }))
  const store = s3ReportStore(s3, 'failover')
  const { json, page } = await store.keep('one', { json: '{"version":1}', page: '<p>é' }, inTime())
  expect([await fetchReport(s3, json, inTime()), await fetchReport(s3, page, inTime())]).toEqual([
    '{"version":1}',
    '<p>é',
  ])
  s3.destroy()
})
