import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import type { StateMachineDefinition } from '../../infra/constructs/state-language.ts'
import { DRILL_KEY } from '../../shared/domain/failover/drill-key.ts'
import type { PairFailoverInput } from '../../shared/domain/failover/failover-choice.ts'
import { JUDGED_FAILOVER_ALARMS, UNKNOWN_FAILOVER_ALARMS } from '../../shared/domain/lag/link-verdict.ts'
import type { TopologyInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { east, link, mskEast, mskWest, valid } from '../unit/shared/domain/topology/topology-example.ts'
import { allowed, conditions, rights, synthesise, templateOf } from './synthesised.ts'

const account = '111122223333'
const acl = { kind: 'acl', principals: ['User:shop'] } as const
const back = { ...link, source: 'east', target: 'west' } as const
const failover: PairFailoverInput = { active: 'west', fence: { west: acl, east: acl }, clients: { kind: 'none' } }

const withFailover = (changes: Partial<PairFailoverInput> = {}): TopologyInput => ({
  ...valid,
  account,
  links: [link, back],
  pairs: [{ name: 'shop', clusters: ['west', 'east'], failover: { ...failover, ...changes } }],
})
const stacksOf = (input: TopologyInput) => synthesise(defineTopology(input))
const usual = stacksOf(withFailover())
const [there, andBack] = ['west-east', 'east-west'].map((name) => templateOf(usual, `twinshore-${name}-failover`)) as [
  Template,
  Template,
]

const FUNCTION = 'AWS::Lambda::Function'
const SCHEDULE = 'AWS::Scheduler::Schedule'
const MACHINE = 'AWS::StepFunctions::StateMachine'

describe('what fails over', () => {
  it('is a stack for each direction, in the region of the cluster that takes over', () => {
    expect(usual.get('twinshore-west-east-failover')).toMatchObject({ stage: 'shop', region: 'eu-west-1' })
    expect(usual.get('twinshore-east-west-failover')).toMatchObject({ stage: 'shop', region: 'us-west-2' })
  })

  it('is in no pair that does not say so, and one way where there is one link', () => {
    const names = (input: TopologyInput) => [...stacksOf(input).keys()].filter((name) => name.endsWith('-failover'))
    expect(names({ ...withFailover(), pairs: [{ clusters: ['west', 'east'] }] })).toEqual([])
    expect(names({ ...withFailover(), links: [link] })).toEqual(['twinshore-west-east-failover'])
  })

  it('has names that anybody can tell without asking', () => {
    there.hasResourceProperties(MACHINE, {
      StateMachineName: 'twinshore-west-east-failover',
      StateMachineType: 'STANDARD',
    })
    for (const FunctionName of ['twinshore-west-east-failover', 'twinshore-west-east-fence'])
      there.hasResourceProperties(FUNCTION, { FunctionName, VpcConfig: { SubnetIds: east.network?.subnetIds } })
    there.hasResourceProperties('AWS::S3::Bucket', { BucketName: `twinshore-west-east-failover-${account}` })
    andBack.hasResourceProperties(MACHINE, { StateMachineName: 'twinshore-east-west-failover' })
  })

  it('leaves the link that leads to the active cluster off', () => {
    const enabled = (name: string) =>
      Object.values(
        templateOf(usual, `twinshore-${name}-replication`).findResources('AWS::Lambda::EventSourceMapping'),
      ).map(({ Properties }) => Properties.Enabled)
    expect([enabled('west-east'), enabled('east-west')]).toEqual([[undefined], [false]])
  })
})

describe('the state machine', () => {
  const definition = (template: Template): StateMachineDefinition =>
    JSON.parse(Object.values(template.findResources(MACHINE))[0]?.Properties.DefinitionString)

  it('calls the function of the steps of its own direction, and waits for approvals as the topology says', () => {
    const { States } = definition(there)
    const called = Object.values(States).flatMap((state) =>
      state.Type === 'Task' ? (state.Arguments['FunctionName'] ?? []) : [],
    )
    expect(new Set(called)).toEqual(new Set(['twinshore-west-east-failover']))
    const [approving] = [
      templateOf(stacksOf(withFailover({ approval: { expiresMs: 90_000 } })), 'twinshore-west-east-failover'),
    ]
    expect(definition(approving as Template).States['Approve']).toMatchObject({ TimeoutSeconds: 90 })
  })

  it('outlasts the function, whose time is up before its own', () => {
    const { States } = definition(there)
    const times = Object.values(States).flatMap((state) =>
      state.Type === 'Task' && 'FunctionName' in state.Arguments ? state.TimeoutSeconds : [],
    )
    const { Properties } = Object.values(there.findResources(FUNCTION)).find(
      (one) => one['Properties'].FunctionName === 'twinshore-west-east-failover',
    ) as { Properties: { Timeout: number } }
    expect(Math.min(...times)).toBeGreaterThan(Properties.Timeout)
  })

  it('logs every event without its data, since tokens are among it, and is traced', () => {
    there.hasResourceProperties(MACHINE, {
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    })
    there.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/vendedlogs/states/twinshore-west-east-failover',
      RetentionInDays: 30,
    })
  })
})

describe('what starts by itself', () => {
  it('is a drill once in a quarter, or as the topology says', () => {
    there.hasResourceProperties(SCHEDULE, {
      ScheduleExpression: 'rate(91 days)',
      Target: { Input: Match.serializedJson(Match.objectLike({ mode: 'drill', who: 'schedule', force: false })) },
    })
    templateOf(stacksOf(withFailover({ drillEveryDays: 1 })), 'twinshore-west-east-failover').hasResourceProperties(
      SCHEDULE,
      { ScheduleExpression: 'rate(1 day)' },
    )
  })

  it('is the function of the fence, every minute', () => {
    there.hasResourceProperties(SCHEDULE, { ScheduleExpression: 'rate(1 minute)', Target: { Input: Match.absent() } })
    there.resourceCountIs(SCHEDULE, 2)
    there.resourcePropertiesCountIs('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 }, 2)
  })
})

/** What each role of a stack may do, by the beginning of its logical id. */
const rightsOf = (template: Template, role: string): readonly string[] => {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(role))
  const Resources = Object.fromEntries(policies)
  const only = { findResources: (type: string) => (type === 'AWS::IAM::Policy' ? Resources : {}) }
  return [...rights(only as unknown as Template)].toSorted()
}

/** In how many tables a role may do that to items of a partition key. */
const writable = (template: Template, role: string, action: string, pk: string): number => {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(role))
  const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
  const matching = statements.filter(({ Action }) => [Action].flat().includes(action))
  return matching.filter(({ Condition }) => {
    const { 'dynamodb:LeadingKeys': but = [] } = Condition?.['ForAllValues:StringNotEquals'] ?? {}
    return !but.includes(pk)
  }).length
}

const services = (all: readonly string[]) => [...new Set(all.map((right) => right.split(':')[0]))].toSorted()
const functionArn = (name: string, region = 'eu-west-1') =>
  `lambda:InvokeFunction arn:<AWS::Partition>:lambda:${region}:${account}:function:twinshore-west-east-${name}`

describe('who may do what', () => {
  it('lets the machine call the function of the steps, note a good drill, and nothing else', () => {
    const all = rightsOf(there, 'MachineRole').filter((right) => !/^(logs|xray):/.test(right))
    expect(all).toEqual([
      `dynamodb:UpdateItem arn:<AWS::Partition>:dynamodb:eu-west-1:${account}:table/twinshore-west-east`,
      expect.stringMatching(/^lambda:InvokeFunction <StepsFunction\w+\.Arn>$/),
    ])
    expect(conditions(there)).toContainEqual([
      'dynamodb:UpdateItem',
      `arn:<AWS::Partition>:dynamodb:eu-west-1:${account}:table/twinshore-west-east`,
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [DRILL_KEY.pk] } },
    ])
  })

  it('lets nobody else call the function of the steps', () => {
    const callers = [...usual.values()].flatMap(({ template }) =>
      [...rights(template)].filter(
        (right) =>
          right.startsWith('lambda:InvokeFunction') &&
          /StepsFunction|function:twinshore-[a-z]+-[a-z]+-failover/.test(right),
      ),
    )
    expect(callers).toHaveLength(2) // of the two machines
    for (const { template } of usual.values()) template.resourceCountIs('AWS::Lambda::Permission', 0)
  })

  it('lets the drills be started by their schedule alone', () => {
    expect(rightsOf(there, 'DrillsRole')).toEqual([expect.stringMatching(/^states:StartExecution <Machine\w+>$/)])
  })

  it('lets the steps call the functions of their link and its fence, and look at executions of both directions', () => {
    const all = rightsOf(there, 'StepsRole')
    expect(all.filter((right) => right.startsWith('lambda:InvokeFunction'))).toEqual(
      ['fence', 'measure-lag', 'sync-groups', 'sync-topics'].map((name) => functionArn(name)),
    )
    expect(all.filter((right) => right.startsWith('states:'))).toEqual([
      `states:DescribeExecution arn:<AWS::Partition>:states:eu-west-1:${account}:execution:twinshore-west-east-failover:*`,
      `states:DescribeExecution arn:<AWS::Partition>:states:us-west-2:${account}:execution:twinshore-east-west-failover:*`,
    ])
    expect(services(all)).toEqual(['dynamodb', 'ec2', 'lambda', 'logs', 's3', 'secretsmanager', 'states'])
    expect(all.filter((right) => right.startsWith('s3:'))).toEqual([
      `s3:PutObject arn:<AWS::Partition>:s3:::twinshore-west-east-failover-${account}/reports/*`,
    ])
  })

  it('lets both change the tables of both directions, wherever they are, and no others', () => {
    const table = (name: string, region: string) =>
      `arn:<AWS::Partition>:dynamodb:${region}:${account}:table/twinshore-${name}`
    const tables = [table('west-east', 'eu-west-1'), table('east-west', 'us-west-2')]
    for (const role of ['StepsRole', 'FenceRole']) {
      const written = rightsOf(there, role).filter((right) => right.startsWith('dynamodb:PutItem'))
      expect(written).toEqual(tables.map((name) => `dynamodb:PutItem ${name}`))
    }
  })

  it('lets the fence alone write parameters and call hooks of the user, in both regions', () => {
    const hooks = withFailover({
      fence: { west: [{ kind: 'function', name: 'keep-out' }], east: [{ kind: 'parameter', name: '/shop/writers' }] },
      clients: [{ kind: 'parameter', name: 'active' }],
    })
    const template = templateOf(stacksOf(hooks), 'twinshore-west-east-failover')
    const fence = rightsOf(template, 'FenceRole')
    for (const region of ['eu-west-1', 'us-west-2']) {
      for (const name of ['active', 'shop/writers'])
        expect(fence).toContain(`ssm:PutParameter arn:<AWS::Partition>:ssm:${region}:${account}:parameter/${name}`)
      expect(fence).toContain(
        `lambda:InvokeFunction arn:<AWS::Partition>:lambda:${region}:${account}:function:keep-out`,
      )
    }
    expect(rightsOf(template, 'StepsRole').join()).not.toMatch(/ssm:|keep-out/)
  })

  it('lets the fence alone read the logins of applications', () => {
    const probe = { kind: 'scram-sha-512', secret: 'kafka/shop' } as const
    const template = templateOf(
      stacksOf(withFailover({ fence: { west: { ...acl, probe }, east: acl } })),
      'twinshore-west-east-failover',
    )
    const secret = `secretsmanager:GetSecretValue arn:<AWS::Partition>:secretsmanager:eu-west-1:${account}:secret:kafka/shop-??????`
    expect(rightsOf(template, 'FenceRole')).toContain(secret)
    expect(rightsOf(template, 'StepsRole')).not.toContain(secret)
  })

  const onMsk = (fence: PairFailoverInput['fence'], links: TopologyInput['links'] = [link, back]) => {
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    const input = { ...withFailover({ fence }), clusters, links }
    return templateOf(stacksOf(input as TopologyInput), 'twinshore-west-east-failover')
  }
  const none = { kind: 'none' } as const
  const heeded = { kind: 'parameter', name: '/shop/active' } as const
  const byShop = { ...acl, probe: { kind: 'scram-sha-512', secret: 'kafka/shop' } } as const

  it.each([
    ['both', { west: byShop, east: byShop }, [mskWest.arn, mskEast.arn]],
    ['the source, beside a parameter', { west: [byShop, heeded], east: none }, [mskWest.arn]],
    ['the target, by an earlier failover', { west: none, east: byShop }, [mskEast.arn]],
    ['neither', { west: none, east: none }, []],
  ] as const)('on MSK gives ACLs to the fence where these fence %s', (_which, fence, arns) => {
    const altered = rightsOf(onMsk(fence), 'FenceRole').filter((right) => right.includes('AlterCluster'))
    expect(altered).toEqual(arns.map((arn) => `kafka-cluster:AlterCluster ${arn}`).toSorted())
  })

  it('on MSK lets the fence move the pollers of the link back, no other group, and delete no topic', () => {
    const groups = (template: Template) =>
      rightsOf(template, 'FenceRole').filter((right) => /AlterGroup|DescribeGroup|DeleteTopic/.test(right))
    const pollers = 'arn:aws:kafka:eu-west-1:111122223333:group/east/bbbb-2/twinshore.east-west.*'
    expect(groups(onMsk({ west: none, east: none }))).toEqual(
      ['AlterGroup', 'DescribeGroup'].map((action) => `kafka-cluster:${action} ${pollers}`),
    )
    expect(groups(onMsk({ west: none }, [link]))).toEqual([])
  })

  it.each([
    [
      'StepsRole',
      ['TOPICS', 'ACCESS', 'HELD', 'LAG', 'HEARTBEAT', 'VERIFY', 'LEASE', 'DRILL', 'FENCES', 'TAILS'],
      ['GROUPS'],
    ],
    [
      'FenceRole',
      ['TOPICS', 'ACCESS', 'HELD', 'LAG', 'HEARTBEAT', 'VERIFY', 'GROUPS'],
      ['LEASE', 'DRILL', 'FENCES', 'TAILS'],
    ],
  ])('keeps %s from writing what others remember in the tables of both directions', (role, others, own) => {
    const shared = ['LINK', 'FAILOVER', 'FAILOVER#one', 'PARTITION#orders#0']
    for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'])
      for (const pk of [...others, ...own, ...shared])
        expect([pk, writable(there, role, `dynamodb:${action}`, pk)]).toEqual([pk, others.includes(pk) ? 0 : 2])
  })

  const scraping = (links: readonly object[]) => {
    const clusters = { west: mskWest, east: { ...mskEast, network: east.network as never } }
    const input = { ...withFailover({ fence: { west: none, east: none }, mayScrape: true }), clusters, links }
    return templateOf(stacksOf(input as TopologyInput), 'twinshore-west-east-failover')
  }
  /** The topics of a cluster on which the fence may do that. */
  const topicsOf = (template: Template, action: string, arn: string): readonly string[] => {
    const prefix = `kafka-cluster:${action} ${arn.replace(':cluster/', ':topic/')}/`
    const all = rightsOf(template, 'FenceRole').filter((right) => right.startsWith(prefix))
    return all.map((right) => right.slice(prefix.length))
  }

  it('lets the fence delete records of the source, and forget positions, only where a cluster may be scraped', () => {
    const kept = { naming: 'identity', provenance: true } as const
    const template = scraping([
      { ...link, ...kept },
      { ...back, ...kept },
    ])
    expect(topicsOf(template, 'DeleteTopic', mskWest.arn)).toEqual(['orders'])
    expect(rightsOf(template, 'FenceRole').join()).not.toContain(`DeleteTopic ${mskEast.arn}`)
    expect(writable(template, 'FenceRole', 'dynamodb:PutItem', 'GROUPS')).toBe(2)
    expect(rightsOf(template, 'StepsRole').join()).not.toContain('DeleteTopic')
  })

  it('lets the fence write to whatever may have been a replica of its link, and empty what comes back alone', () => {
    const both = { topics: ['orders', 'payments'], naming: 'identity', provenance: true, heartbeats: true }
    const some = scraping([
      { ...link, ...both },
      { ...back, ...both },
    ])
    expect(topicsOf(some, 'WriteData', mskEast.arn)).toEqual(['*'])
    expect(topicsOf(some, 'WriteData', mskWest.arn)).toEqual([])
    expect(topicsOf(some, 'DeleteTopic', mskWest.arn)).toEqual(['orders', 'payments'])
    for (const arn of [mskWest.arn, mskEast.arn]) expect(topicsOf(some, 'ReadData', arn)).toEqual(['*'])
  })

  it.each([
    ['names topics', ['orders']],
    ['finds topics by a pattern', ['orders', /shop\..+/]],
  ] as const)(
    'lets the fence merge also a tail of a topic that is named no more, where the link %s',
    (_how, topics) => {
      const template = onMsk({ west: none }, [{ ...link, topics, naming: 'prefix' }])
      expect(topicsOf(template, 'WriteData', mskEast.arn)).toEqual(['west.*'])
    },
  )

  it('on MSK gives records of no topic to the steps', () => {
    const template = onMsk({ west: none, east: none })
    expect(rightsOf(template, 'StepsRole').join()).not.toMatch(
      /AlterCluster|WriteData|DeleteTopic|CreateTopic|AlterTopic/,
    )
  })

  it('lets what switches mappings switch those of its links, each in its region', () => {
    const actions = allowed(there, 'lambda')
    expect(Object.keys(actions).filter((resource) => resource.includes('event-source-mapping'))).toEqual(
      ['eu-west-1', 'us-west-2'].map(
        (region) => `arn:<AWS::Partition>:lambda:${region}:${account}:event-source-mapping:*`,
      ),
    )
  })
})

describe('the alarms of a failover', () => {
  const alarms = (template: Template) =>
    Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties)

  it('tell who has to act, and what to do', () => {
    const names = alarms(there).map(({ AlarmName }) => AlarmName.replace('twinshore-west-east-', ''))
    expect(names.toSorted()).toEqual([
      ...[
        'approval-pending',
        'drill-age',
        'failover-aborted',
        'failover-failed',
        'failover-held',
        'failover-timed-out',
      ],
      ...['fence-absent', 'fence-errors', 'fence-pending', 'fence-throttles', 'stranded-records'],
    ])
    for (const { AlarmDescription, AlarmActions } of alarms(there)) {
      expect(AlarmDescription).toMatch(/^Link west-east, west to east: .+\. .+\. .+\.$/)
      expect(AlarmActions).toHaveLength(1)
    }
  })

  it('are judged by status, or named there as what it cannot judge', () => {
    const names = alarms(there).map(({ AlarmName }) => AlarmName.replace('twinshore-west-east-', ''))
    const unknown = UNKNOWN_FAILOVER_ALARMS.flatMap((some) => some.alarms)
    expect([...JUDGED_FAILOVER_ALARMS, ...unknown].toSorted()).toEqual(names.toSorted())
  })

  it('tell of a drill that is a week too late', () => {
    const [age] = alarms(
      templateOf(stacksOf(withFailover({ drillEveryDays: 30 })), 'twinshore-west-east-failover'),
    ).filter(({ AlarmName }) => AlarmName.endsWith('drill-age'))
    expect(age).toMatchObject({ MetricName: 'DrillAgeDays', Threshold: 37, TreatMissingData: 'notBreaching' })
  })

  it('are part of whether a failover is safe', () => {
    const [composite] = Object.values(
      templateOf(usual, 'twinshore-west-east-watch').findResources('AWS::CloudWatch::CompositeAlarm'),
    )
    for (const name of ['failover-held', 'fence-pending', 'fence-absent', 'failover-failed'])
      expect(composite?.Properties.AlarmRule).toContain(`"twinshore-west-east-${name}"`)
    expect(composite?.Properties.AlarmRule).not.toMatch(/drill-age|approval-pending/)
  })
})

describe('what it leaves behind', () => {
  it('outlives the stack, unless the installation is not protected', () => {
    const policies = (template: Template) =>
      ['AWS::S3::Bucket', 'AWS::Logs::LogGroup'].flatMap((type) =>
        Object.values(template.findResources(type)).map(({ DeletionPolicy }) => DeletionPolicy),
      )
    expect(policies(there)).toEqual(Array(4).fill('Retain'))
    const loose = stacksOf({ ...withFailover(), protect: false })
    expect(policies(templateOf(loose, 'twinshore-west-east-failover'))).toEqual(Array(4).fill('Delete'))
  })
})
