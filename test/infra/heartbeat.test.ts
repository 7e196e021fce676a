import { describe, expect, it } from 'vitest'
import { HEARTBEAT_KEY, LEASE_KEY } from '../../shared/adapters/dynamodb/item-keys.ts'
import { HEARTBEAT_TOPIC } from '../../shared/domain/heartbeat/beat.ts'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, mskEast, mskWest, valid } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, conditions, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const stackOf = (concern: string, input: TopologyInput) =>
  templateOf(synthesise(defineTopology({ account, ...input })), `twinshore-west-east-${concern}`)

/** As somebody writes it who says nothing of beats. */
const ordinary: TopologyInput = { ...valid, links: [{ source: 'west', target: 'east', topics: ['orders'] }] }
const NAME = { FunctionName: 'twinshore-west-east-heartbeat' }

describe('heartbeats', () => {
  it('go out from a function that outlasts its minute a little, and are replicated like any other topic', () => {
    const template = stackOf('watch', ordinary)
    template.hasResourceProperties('AWS::Lambda::Function', {
      ...NAME,
      Timeout: 62,
      MemorySize: 256,
      VpcConfig: { SubnetIds: east.network?.subnetIds },
    })
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      Description: 'Twinshore: the heartbeats of west-east',
    })
    const mappings = stackOf('replication', ordinary).findResources('AWS::Lambda::EventSourceMapping')
    const topics = Object.values(mappings).flatMap(({ Properties }) => Properties.Topics)
    expect(topics.sort()).toEqual(['orders', HEARTBEAT_TOPIC])
  })

  it('are not there where the link has none', () => {
    const links = [{ source: 'west', target: 'east', topics: ['orders'], heartbeats: false }] as const
    const template = stackOf('watch', { ...ordinary, links })
    expect(template.findResources('AWS::Lambda::Function', { Properties: NAME })).toEqual({})
  })

  it('write what was beaten and their lease, and nothing else of the table', () => {
    const puts = conditions(stackOf('watch', ordinary)).filter(([action]) => action === 'dynamodb:PutItem')
    expect(puts.map(([, , condition]) => condition)).toContainEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [HEARTBEAT_KEY.pk, LEASE_KEY] },
    })
  })

  it('are appended to their topic on the source, and to nothing else', () => {
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    const rights = allowed(stackOf('watch', { ...ordinary, clusters }), 'kafka-cluster')
    const writable = Object.entries(rights).filter(([, actions]) =>
      actions.some((action) => ['CreateTopic', 'WriteData'].includes(action)),
    )
    const topic = `${mskWest.arn.replace(':cluster/', ':topic/')}/${HEARTBEAT_TOPIC}`
    expect(writable.map(([resource]) => resource)).toEqual([topic])
    expect(rights[mskWest.arn]).toContain('WriteDataIdempotently')
    expect(rights[mskEast.arn]).not.toContain('WriteDataIdempotently')
  })
})
