import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import type { Template } from '../../local/aws/assembly.ts'
import { alarmsIn } from '../../local/cloudwatch/alarm-definition.ts'
import { alarmsOfRule } from '../../local/cloudwatch/alarm-rule.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { link, valid, withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise, templateOf } from './synthesised.ts'

type Input = Parameters<typeof defineTopology>[0]

/** The alarms of a region by their short names, whatever stack they are of. */
const alarmsOf = (input: Input, region = 'eu-west-1') => {
  const stacks = [...synthesise(defineTopology(input)).values()]
  const templates = stacks.filter((stack) => stack.region === region).map(({ template }) => template.toJSON())
  return templates.flatMap((template) => alarmsIn(template as Template))
}

const unsafeOf = (input: Input, region?: string): readonly string[] => {
  const alarms = alarmsOf(input, region)
  const names = new Set(alarms.map(({ name }) => name))
  const [verdict, ...others] = alarms.flatMap((alarm) => (alarm.kind === 'composite' ? alarm : []))
  if (verdict === undefined || others.length > 0) throw new Error(`${others.length} other composite alarms`)
  const named = alarmsOfRule(verdict.rule)
  expect(named.filter((name) => !names.has(name))).toEqual([])
  return named.map((name) => name.replace('twinshore-west-east-', ''))
}

const ALWAYS = ['standstill', 'refused-records']
const MEASURED = ['differences', 'lag-seconds', 'time-to-loss', 'gone-records', 'unmeasured-partitions', 'not-measured']

describe('the alarm that says whether a failover is safe', () => {
  it('rests on alarms of its region, of every stack of its link', () => {
    expect(unsafeOf(valid)).toEqual([
      ...ALWAYS,
      ...['faulted-topics', 'mappings-off', 'faulted-groups', 'group-sync-errors', 'group-sync-absent'],
      ...MEASURED,
    ])
  })

  it('rests on those only that the link has', () => {
    expect(unsafeOf(withLink({ syncTopics: false, syncGroups: false }))).toEqual([...ALWAYS, ...MEASURED])
    const everything = {
      heartbeats: true,
      access: { principals: { 'User:a': 'User:a' } },
      thresholds: { lagRecords: 5 },
    }
    expect(unsafeOf(withLink(everything))).toEqual(
      expect.arrayContaining(['faulted-access', 'lag-records', 'heartbeat-age']),
    )
  })

  it('is none of a link in no pair, to whose target nobody fails over', () => {
    expect(alarmsOf({ ...valid, pairs: [] }).filter(({ kind }) => kind === 'composite')).toEqual([])
  })

  it('says so, and tells whom the other alarms tell', () => {
    const told = 'arn:aws:sns:eu-west-1:111122223333:operators'
    const stacks = synthesise(defineTopology({ ...valid, alarmTopics: { 'eu-west-1': told } }))
    templateOf(stacks, 'twinshore-west-east-watch').hasResourceProperties('AWS::CloudWatch::CompositeAlarm', {
      AlarmName: 'twinshore-west-east-unsafe',
      AlarmDescription: Match.stringLikeRegexp('^Link west-east, west to east: It is not safe to fail over to east\\.'),
      AlarmActions: [told],
    })
  })

  it('is deployed after the alarms that it names', () => {
    const stacks = synthesise(defineTopology(valid))
    expect(stacks.get('twinshore-west-east-watch')?.dependsOn.join()).toContain('westeastsync')
    expect(stacks.get('twinshore-west-east-sync')?.dependsOn.join()).toContain('westeastreplication')
    const alone = synthesise(defineTopology(withLink({ syncTopics: false, syncGroups: false })))
    expect(alone.get('twinshore-west-east-watch')?.dependsOn.join()).toContain('westeastreplication')
  })

  it('is one for each direction of a pair, in the region of its own alarms', () => {
    const back = { source: 'east', target: 'west', topics: ['payments'] } as const
    const both = { ...valid, links: [link, back] }
    for (const [region, name] of [
      ['eu-west-1', 'twinshore-west-east-unsafe'],
      ['us-west-2', 'twinshore-east-west-unsafe'],
    ])
      expect(alarmsOf(both, region).flatMap((alarm) => (alarm.kind === 'composite' ? alarm.name : []))).toEqual([name])
  })
})
