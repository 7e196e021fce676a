import { describe, expect, it } from 'vitest'
import { type DeployedStack, deployedMappings, resolverOf } from '../../../../local/aws/deployed-stack.ts'

const SOURCE = { Endpoints: { KafkaBootstrapServers: ['127.0.0.1:9'] } }
const stack = (properties: object): DeployedStack => ({
  name: 'link',
  region: 'eu-west-1',
  resources: [
    { logicalId: 'F', type: 'AWS::Lambda::Function', physicalId: 'replicate' },
    { logicalId: 'M', type: 'AWS::Lambda::EventSourceMapping', physicalId: 'uuid' },
  ],
  template: {
    Resources: {
      F: { Type: 'AWS::Lambda::Function' },
      M: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { FunctionName: { Ref: 'F' }, ...properties } },
    },
  },
})

describe('the mappings of a deployed stack', () => {
  it('are those of Kafka, as the API would have them, with everything resolved', () => {
    const uri = {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:', { Ref: 'AWS::Region' }, ':s']],
    }
    const properties = {
      Topics: ['t'],
      SelfManagedEventSource: SOURCE,
      SourceAccessConfigurations: [{ Type: 'X', URI: uri }],
      Tags: [{ Key: 'twinshore:link', Value: 'west-east' }],
    }
    expect(deployedMappings(stack(properties))).toEqual([
      {
        uuid: 'uuid',
        region: 'eu-west-1',
        functionName: 'replicate',
        enabled: true,
        configuration: {
          Topics: ['t'],
          SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['127.0.0.1:9'] } },
          SourceAccessConfigurations: [{ Type: 'X', URI: 'arn:aws:secretsmanager:eu-west-1:s' }],
        },
        tags: { 'twinshore:link': 'west-east' },
      },
    ])
  })

  it('know MSK by its ARN, and leave other sources alone', () => {
    const msk = { Topics: ['t'], EventSourceArn: 'arn:aws:kafka:eu-west-1:000000000000:cluster/c/1', Enabled: false }
    expect(deployedMappings(stack(msk))).toMatchObject([{ enabled: false }])
    expect(deployedMappings(stack({ EventSourceArn: 'arn:aws:sqs:eu-west-1:000000000000:q' }))).toEqual([])
  })
})

describe('a reference', () => {
  const resolve = resolverOf(stack({}))
  it.each([
    [{ 'Fn::GetAtt': ['F', 'Arn'] }, 'replicate'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what CloudFormation substitutes
    [{ 'Fn::Sub': '${F} in ${AWS::Region}' }, 'replicate in eu-west-1'],
    [[{ Ref: 'AWS::AccountId' }], ['000000000000']],
  ])('as %j is resolved', (value, expected) => {
    expect(resolve(value)).toEqual(expected)
  })

  it('to what the stack does not have is refused', () => {
    expect(() => resolve({ Ref: 'Nothing' })).toThrow('Nothing')
  })
})
