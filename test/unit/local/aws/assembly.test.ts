import { describe, expect, it } from 'vitest'
import { localiseTemplate, references, rehashAsset } from '../../../../local/aws/assembly.ts'

const FUNCTION = { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'f' } }
const ADDRESS = { Type: 'AWS::EC2::EIP' }
const NAT = {
  Type: 'AWS::EC2::NatGateway',
  Properties: { AllocationId: { 'Fn::GetAtt': ['Address', 'AllocationId'] } },
}

describe('a localised template', () => {
  it('is the same when the local AWS can do all of it', () => {
    const template = {
      Resources: { F: FUNCTION, A: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'm' } } },
      Outputs: { Name: { Value: { Ref: 'F' } } },
    }
    expect(localiseTemplate(template)).toEqual({ template, dropped: [], dangling: [] })
  })

  it.each([
    ['an address', ADDRESS],
    ['a composite alarm', { Type: 'AWS::CloudWatch::CompositeAlarm' }],
    ['an alarm on a metric expression', { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [] } }],
  ])('leaves out %s', (_what, resource) => {
    const { template, dropped } = localiseTemplate({ Resources: { F: FUNCTION, Unknown: resource } })
    expect(template.Resources).toEqual({ F: FUNCTION })
    expect(dropped).toEqual(['Unknown'])
  })

  it('loses the routes, outputs, dependencies and dashboard texts that lead to what is left out', () => {
    const { template, dropped, dangling } = localiseTemplate({
      Resources: {
        Address: ADDRESS,
        Nat: NAT,
        Route: { Type: 'AWS::EC2::Route', Properties: { NatGatewayId: { Ref: 'Nat' } } },
        Out: { Type: 'AWS::EC2::Route', Properties: { GatewayId: { Ref: 'Internet' } } },
        F: { ...FUNCTION, DependsOn: ['Nat', 'Role'] },
        G: { ...FUNCTION, DependsOn: 'Nat' },
        Board: {
          Type: 'AWS::CloudWatch::Dashboard',
          Properties: { DashboardBody: { 'Fn::Join': ['', ['before ', { Ref: 'Nat' }, ' after']] } },
        },
      },
      Outputs: { Ip: { Value: { Ref: 'Address' } }, Name: { Value: { Ref: 'F' } } },
    })
    expect(dropped).toEqual(['Address', 'Nat', 'Route'])
    expect(dangling).toEqual([])
    expect(template).toEqual({
      Resources: {
        Out: { Type: 'AWS::EC2::Route', Properties: { GatewayId: { Ref: 'Internet' } } },
        F: { ...FUNCTION, DependsOn: ['Role'] },
        G: FUNCTION,
        Board: {
          Type: 'AWS::CloudWatch::Dashboard',
          Properties: { DashboardBody: { 'Fn::Join': ['', ['before ', ' after']] } },
        },
      },
      Outputs: { Name: { Value: { Ref: 'F' } } },
    })
  })

  it('says what would not deploy because it needs what is left out', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what CloudFormation substitutes
    const needy = { Type: 'AWS::EC2::VPC', Properties: { Name: { 'Fn::Sub': 'at ${Address.PublicIp}' } } }
    expect(localiseTemplate({ Resources: { Address: ADDRESS, Needy: needy } }).dangling).toEqual([
      'Needy (AWS::EC2::VPC)',
    ])
  })
})

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is what CloudFormation substitutes
describe('references', () => {
  it.each([
    [{ Ref: 'A' }, ['A']],
    [{ 'Fn::GetAtt': 'A.Arn' }, ['A']],
    [{ deep: [{ 'Fn::GetAtt': ['A', 'Arn'] }, { Ref: 'B' }] }, ['A', 'B']],
    [{ 'Fn::Sub': '${A}/${B.Arn}/${!C}' }, ['A', 'B']],
    [{ 'Fn::Sub': ['${A}', { X: { Ref: 'B' } }] }, ['A', 'B']],
    ['Ref: A', []],
  ])('in %j are found', (value, ids) => {
    expect(references(value)).toEqual(ids)
  })
})

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is what CloudFormation substitutes

describe('the asset of an altered template', () => {
  const asset = {
    source: { path: 's.template.json' },
    destinations: { here: { objectKey: 'old.json', bucketName: 'b' } },
  }
  const other = { source: { path: 'code.zip' }, destinations: { here: { objectKey: 'x.zip' } } }

  it('gets a new name in the bucket, so that it is uploaded; the others keep theirs', () => {
    expect(rehashAsset({ version: '1', files: { old: asset, x: other } }, 's.template.json', 'new')).toEqual({
      oldHash: 'old',
      manifest: {
        version: '1',
        files: { x: other, new: { ...asset, destinations: { here: { objectKey: 'new.json', bucketName: 'b' } } } },
      },
    })
  })

  it('is not there when the template is no asset', () => {
    expect(rehashAsset({ files: { x: other } }, 's.template.json', 'new')).toBeUndefined()
  })
})
