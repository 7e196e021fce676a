import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { assemble, bootstrap, type DeployOptions, deploy, destroy } from '../../local/aws/deploy.ts'
import { clientSettings, type DeployedStack, deployedMappings } from '../../local/aws/deployed-stack.ts'
import type { AwsRequest } from '../../local/aws/gateway/exchange.ts'

const REGION = 'eu-west-1'
const FUNCTION = 'tiny-writer'

let folder: string
let aws: LocalAws
let options: DeployOptions
let stacks: DeployedStack[]
let lambda: LambdaClient
let dynamo: DynamoDBClient
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-aws-'))
  aws = await startAws({ folder })
  options = {
    endpoint: aws.url,
    home: join(folder, 'cdk-home'),
    assembly: join(folder, 'cdk.out'),
    app: 'node test/support/tiny-app.ts',
    context: { topics: 'orders,payments', batchSize: '10' },
  }
  const [assembled] = await Promise.all([assemble(options), bootstrap([REGION], options)])
  stacks = await deploy(assembled, options)
  await aws.gateway.deployed.become(stacks.flatMap(deployedMappings))
  lambda = new LambdaClient({ ...clientSettings(aws.url, REGION), maxAttempts: 1 })
  dynamo = new DynamoDBClient(clientSettings(aws.url, REGION))
})
afterAll(async () => {
  lambda?.destroy()
  dynamo?.destroy()
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

const invoke = async (id: string): Promise<{ status?: number; region?: string; error?: string }> => {
  const command = new InvokeCommand({ FunctionName: FUNCTION, Payload: Buffer.from(JSON.stringify({ id })) })
  const { FunctionError: error, Payload } = await lambda.send(command)
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString())
  return error === undefined ? answer : { error }
}

const writtenIds = async (): Promise<(string | undefined)[]> => {
  const table = stacks.flatMap(({ resources }) => resources).find(({ type }) => type === 'AWS::DynamoDB::Table')
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table?.physicalId }))
  return Items.map(({ pk }) => pk?.S).sort()
}

const isPut = ({ operation }: AwsRequest): boolean => operation === 'PutItem'

describe('a local AWS', () => {
  it('has the stack of a stage, without what it cannot do', () => {
    const [{ name, region, resources } = { name: '', region: '', resources: [] }] = stacks
    expect({ name, region }).toEqual({ name: 'tiny-link', region: REGION })
    const types = resources.map(({ type }) => type)
    expect(types).toContain('AWS::Lambda::Function')
    expect(types).not.toContain('AWS::EC2::EIP')
  })

  it('has its Kafka mappings with everything that polling needs', async () => {
    const { EventSourceMappings = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: FUNCTION }),
    )
    expect(EventSourceMappings.map(({ Topics }) => Topics)).toEqual([['orders'], ['payments']])
    expect(EventSourceMappings[0]).toMatchObject({
      State: 'Enabled',
      BatchSize: 10,
      FunctionArn: `arn:aws:lambda:${REGION}:000000000000:function:${FUNCTION}`,
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'tiny.orders' },
      SourceAccessConfigurations: [
        { Type: 'SASL_SCRAM_512_AUTH', URI: `arn:aws:secretsmanager:${REGION}:000000000000:secret:login` },
      ],
    })
  })

  it('runs functions, which reach AWS through the gateway', async () => {
    const rule = aws.gateway.faults.inject({ match: isPut, fault: 'pass' })
    expect(await invoke('one')).toMatchObject({ status: 200, region: REGION })
    rule.remove()
    expect(rule.matched).toBe(1)
    expect(await writtenIds()).toContain('one')
  })

  it('kills a function in the middle of a write, which then never happens', async () => {
    const held = aws.gateway.faults.inject({ match: isPut, fault: 'hold' })
    const invoked = invoke('two')
    await held.firstMatch
    expect(await aws.killFunctions()).toBe(1)
    held.remove()
    expect((await invoked).error).toBeDefined()
    expect(await writtenIds()).not.toContain('two')
  })

  it('goes on with a new process after that', async () => {
    expect(await invoke('three')).toMatchObject({ status: 200 })
  })

  it('loses stack and mappings when they are destroyed', async () => {
    await aws.gateway.deployed.become([])
    await destroy(options)
    expect(aws.gateway.mappings.list()).toEqual([])
    await expect(invoke('four')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})
