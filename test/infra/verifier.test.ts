import { describe, expect, it } from 'vitest'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, mskEast, mskWest, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const WATCH = 'twinshore-west-east-watch'

const watchOf = (input: Parameters<typeof defineTopology>[0]) =>
  templateOf(synthesise(defineTopology({ account, ...input })), WATCH)

describe('the stack that looks at a link', () => {
  it('compares samples every hour', () => {
    const template = watchOf(valid)
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'twinshore-west-east-verify', Timeout: 55 })
    template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(60 minutes)' })
  })

  it('reads records of both clusters and where their replicas are, and writes none', () => {
    const template = watchOf({
      ...withLink({ topics: ['orders'], syncGroups: false }),
      clusters: { west: mskWest, east: { ...mskEast, network: east.network as never } },
    })
    const topic = (cluster: { readonly arn: string }, name: string) =>
      `${cluster.arn.replace(':cluster/', ':topic/')}/${name}`
    const reading = ['DescribeTopic', 'DescribeTopicDynamicConfiguration', 'ReadData']
    const describing = ['DescribeTopic', 'DescribeTopicDynamicConfiguration']
    expect(allowed(template, 'kafka-cluster')).toEqual({
      [mskWest.arn]: ['Connect', 'DescribeCluster'],
      [topic(mskWest, 'orders')]: reading,
      [topic(mskWest, '*')]: describing,
      [mskEast.arn]: ['Connect', 'DescribeCluster'],
      [topic(mskEast, 'orders')]: reading,
      [topic(mskEast, '*')]: describing,
    })
  })
})
