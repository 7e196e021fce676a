import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { parseRemoveMappingsConfig } from '../../shared/config/remove-mappings-config.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { rights, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const template = templateOf(
  synthesise(defineTopology({ account, ...withLink({ topics: ['orders', 'payments'] }) })),
  'twinshore-west-east-replication',
)
const RESOURCE = 'Custom::TwinshoreRunTimeMappings'
const mappings = `arn:<AWS::Partition>:lambda:eu-west-1:${account}:event-source-mapping:*`

describe('the remover of mappings', () => {
  it('knows the topics whose mappings the stack makes, and has time', () => {
    template.hasResourceProperties(RESOURCE, { topics: ['orders', 'payments'], ServiceTimeout: '960' })
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'twinshore-west-east-remove-mappings',
      Timeout: 900,
      VpcConfig: Match.absent(),
    })
  })

  it('knows whose mappings they are', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'))
    const remover = functions.find(
      ({ Properties }) => Properties.FunctionName === 'twinshore-west-east-remove-mappings',
    )
    expect(parseRemoveMappingsConfig(remover?.Properties.Environment.Variables)).toEqual({
      installation: 'twinshore',
      name: 'west-east',
      functionName: 'twinshore-west-east-replicate',
    })
  })

  it('may remove mappings of that function, and no others', () => {
    const ofMappings = [...rights(template)].filter((right) => /^lambda:/.test(right)).toSorted()
    expect(ofMappings).toEqual([
      `lambda:DeleteEventSourceMapping ${mappings}`,
      `lambda:GetEventSourceMapping ${mappings}`,
      'lambda:ListEventSourceMappings *',
      `lambda:ListTags ${mappings}`,
    ])
    const replicator = {
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, `:lambda:eu-west-1:${account}:function:twinshore-west-east-replicate`],
      ],
    }
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['lambda:DeleteEventSourceMapping', 'lambda:GetEventSourceMapping'],
            Condition: { ArnEquals: { 'lambda:FunctionArn': replicator } },
          }),
        ]),
      },
    })
  })

  it('goes before its rights, its logs and the function, and after the mappings of the stack', () => {
    const [[id, resource] = ['', undefined]] = Object.entries(template.findResources(RESOURCE))
    const before: readonly string[] = resource?.DependsOn
    const isBefore = (pattern: RegExp) => before.some((one) => pattern.test(one))
    expect([/RoleDefaultPolicy/, /Logs/, /^Replicator.*Function/].map(isBefore)).toEqual([true, true, true])
    for (const mapping of Object.values(template.findResources('AWS::Lambda::EventSourceMapping')))
      expect(mapping.DependsOn).toEqual([id])
  })
})
