import { describe, expect, it } from 'vitest'
import { lambdaLinkFunctions } from '../../../../../shared/adapters/lambda/link-functions.ts'
import type { LinkFunctionNames } from '../../../../../shared/domain/failover/failover-order.ts'
import type { LagReport } from '../../../../../shared/domain/lag/lag-report.ts'
import type { AccessReport } from '../../../../../shared/usecases/access/access-report.ts'
import type { GroupPassReport, MovedPosition } from '../../../../../shared/usecases/groups/group-report.ts'
import type { PassReport } from '../../../../../shared/usecases/topics/pass-report.ts'
import { inTime } from '../../../../support/in-time.ts'

const NAMES: LinkFunctionNames = {
  region: 'eu-west-1',
  replicate: 'shop-west-east-replicate',
  measureLag: 'shop-west-east-measure-lag',
  syncTopics: 'shop-west-east-sync-topics',
  syncGroups: 'shop-west-east-sync-groups',
  syncAccess: 'shop-west-east-sync-access',
}

const asked: string[] = []
const answering = (answer: unknown, functions = NAMES) => {
  asked.length = 0
  return lambdaLinkFunctions({
    link: { installation: 'shop', name: 'west-east' },
    functions,
    invoke: async ({ region, name, stack }, event) => {
      asked.push(`${region} ${name} ${stack} ${JSON.stringify(event)}`)
      return JSON.parse(JSON.stringify(answer))
    },
  })
}

const FIGURES = { records: 5, lagMs: 900, gone: 1 }
const STATUS: LagReport = {
  link: 'west-east',
  at: 1_000,
  mode: 'forwarding',
  lag: { ...FIGURES, timeToLossMs: 7_000 },
  topics: [{ topic: 'orders', ...FIGURES }],
  worst: [],
  partitions: 3,
  unseen: 2,
  unmeasured: 1,
  unseenSince: 850,
  standstillMs: 0,
  sourceUnreachableSince: 800,
  failover: { at: 700, groups: 4, reread: 11, unplaced: 0, worst: [] },
  heartbeatAgeMs: 60,
  rememberedAt: 900,
  troubles: [],
}

describe('the functions of a link', () => {
  it('tell its lag, and nothing that was not told', async () => {
    expect(await answering(STATUS).status(inTime())).toEqual({
      at: 1_000,
      ...FIGURES,
      timeToLossMs: 7_000,
      topics: [expect.objectContaining({ topic: 'orders', records: 5 })],
      unseen: 2,
      unmeasured: 1,
      unseenSince: 850,
      sourceUnreachableSince: 800,
      heartbeatAgeMs: 60,
      rememberedAt: 900,
      groups: { at: 700, groups: 4, reread: 11 },
    })
    expect(asked).toEqual(['eu-west-1 shop-west-east-measure-lag shop-west-east-watch {"mode":"status"}'])
    const {
      lag,
      failover: _f,
      heartbeatAgeMs: _h,
      rememberedAt: _r,
      sourceUnreachableSince: _s,
      unseenSince: _u,
      ...rest
    } = STATUS
    const { timeToLossMs: _t, ...figures } = lag
    const silent = await answering({ ...rest, lag: figures }).status(inTime())
    expect(Object.keys(silent).sort()).toEqual(['at', 'gone', 'lagMs', 'records', 'topics', 'unmeasured', 'unseen'])
  })

  it('tell whether a cluster survives the loss of a rack', async () => {
    const functions = answering({ verdict: 'unsafe', unsafePartitions: 3, unsafe: [] })
    expect(await functions.racks('target', inTime())).toEqual({ verdict: 'unsafe', unsafePartitions: 3 })
    expect(asked[0]).toContain('{"mode":"racks","side":"target"}')
  })

  it('tell what a pass over the topics changes, but for what it only writes down', async () => {
    const step = (kind: string, outcome: 'planned' | 'done' | 'failed') => ({
      topic: 'orders',
      kind,
      what: kind,
      outcome,
    })
    const report: PassReport = {
      steps: [
        step('alter', 'planned'),
        step('remember', 'planned'),
        step('create-mapping', 'failed'),
        step('grow', 'done'),
      ],
      notes: [],
      leftOut: [],
      troubles: ['a broker is silent'],
      faulted: ['old'],
    }
    expect(await answering(report).topics('plan', inTime())).toEqual({
      due: ['orders: alter', 'orders: create-mapping'],
      faulted: ['old'],
      troubles: ['a broker is silent'],
    })
    expect(asked).toEqual(['eu-west-1 shop-west-east-sync-topics shop-west-east-sync {"mode":"plan"}'])
  })

  it('tell what a pass over the groups moved, and what stayed where it was', async () => {
    const position = (outcome: MovedPosition['outcome']): MovedPosition => ({
      partition: 0,
      source: '9',
      target: '7',
      kind: 'exact',
      outcome,
    })
    const outcomes = (['moved', 'planned', 'live', 'superseded', 'failed'] as const).map(position)
    const skipped = [{ topic: 'orders', partitions: [1, 2], because: 'set-back' as const, detail: 'it was' }]
    const report: GroupPassReport = {
      compared: 4,
      groupsMoved: 1,
      positionsMoved: 2,
      live: 1,
      groups: [{ group: 'billing', moved: [{ topic: 'orders', targetTopic: 'orders', positions: outcomes }], skipped }],
      leftOut: [],
      troubles: [],
      faulted: ['billing'],
    }
    expect(await answering(report).groups('apply', inTime())).toEqual({
      compared: 4,
      live: 1,
      positions: 2,
      unsettled: 3,
      skipped: [{ group: 'billing', topic: 'orders', because: 'set-back', partitions: [1, 2] }],
      faulted: ['billing'],
      troubles: [],
    })
    expect(asked[0]).toContain('sync-groups shop-west-east-sync {"mode":"apply"}')
  })

  it('tell which rights are missing, and not those that are held until a promotion', async () => {
    const right = (what: string, outcome: 'planned' | 'done') => ({ what, principal: 'User:app', outcome })
    const report: AccessReport = {
      role: 'standby',
      granted: [right('grant', 'planned'), right('granted', 'done')],
      revoked: [right('revoke', 'planned')],
      quotas: [right('quota', 'planned')],
      held: [{ what: 'held', principal: 'User:app', meanwhile: ['READ'] }],
      alreadyThere: [],
      inStep: 3,
      leftOut: [],
      notCopyable: [],
      troubles: [],
      faulted: [],
    }
    const due = ['grant', 'revoke', 'quota']
    expect(await answering(report).access('plan', inTime())).toEqual({ due, faulted: [], troubles: [] })
    expect(asked[0]).toContain('sync-access')
  })

  it('are not asked for what the link does not keep in step', async () => {
    const { syncTopics: _t, syncGroups: _g, syncAccess: _a, ...fewer } = NAMES
    const functions = answering({}, fewer)
    const passes = [functions.topics, functions.groups, functions.access].map((ask) => ask('plan', inTime()))
    expect(await Promise.all(passes)).toEqual([undefined, undefined, undefined])
    expect(asked).toEqual([])
  })

  it.each([
    ['nothing', null, 'it is no object'],
    ['a text', 'fine', 'it is no object'],
    ['no figures', { ...STATUS, lag: undefined }, 'it.lag is no object'],
    ['figures that are texts', { ...STATUS, unseen: '2' }, 'it.unseen is not a number'],
    ['an age that is a text', { ...STATUS, rememberedAt: '2' }, 'it.rememberedAt is not a number'],
    ['no list', { ...STATUS, topics: {} }, 'it.topics is not a list'],
    ['a list of other things', { ...STATUS, topics: [{ topic: 7, records: 1 }] }, 'it.topics.topic is not a text'],
  ])('are not believed when they answer %s', async (_what, answer, because) => {
    const told = answering(answer).status(inTime())
    await expect(told).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
    await expect(told).rejects.toThrow(because)
  })

  it('are not believed when they answer with words that nobody knows', async () => {
    const racks = answering({ verdict: 'fine', unsafePartitions: 0 }).racks('source', inTime())
    await expect(racks).rejects.toThrow('it.verdict is not one of safe, unsafe, unknown')
    const faulted = answering({ steps: [], faulted: [7], troubles: [] }).topics('plan', inTime())
    await expect(faulted).rejects.toThrow('it.faulted is not a list of texts')
  })
})
