import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { createSsmClient, parameterPointer } from '../../shared/adapters/ssm/parameter-pointer.ts'
import { inTime } from '../support/in-time.ts'
import { pointerPlaceContract } from '../support/pointer-place-contract.ts'

const REGION = 'us-east-2'
let folder: string
let aws: LocalAws
let places = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-pointer-'))
  aws = await startAws({ folder })
})
afterAll(async () => {
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

const ssm = (endpoint = aws.url) => createSsmClient(clientSettings(endpoint, REGION))

pointerPlaceContract('a parameter of Systems Manager', async () =>
  parameterPointer(ssm(), `/twinshore/pointer-${places++}`, REGION),
)

describe('a parameter of Systems Manager', () => {
  it('is no pointer while something else is in it', async () => {
    await ssm().send(new PutParameterCommand({ Name: '/other', Value: 'unset', Type: 'String' }))
    expect(await parameterPointer(ssm(), '/other', REGION).read(inTime())).toEqual({ version: 1 })
  })

  it('cannot be reached while nobody answers', async () => {
    const place = parameterPointer(ssm(`http://127.0.0.1:${await freePort()}`), '/gone', REGION)
    await expect(place.read(inTime())).rejects.toMatchObject({ code: 'POINTER_UNREACHABLE' })
  })
})
