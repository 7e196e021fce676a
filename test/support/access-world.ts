import type { AccessLink } from '../../shared/domain/access/access-facts.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import { replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import type { TopicRecord } from '../../shared/domain/topics/topic-record.ts'
import type { LinkAccess } from '../../shared/domain/topology/topology.ts'
import { type AccessReport, accessPassReport, accessPlanReport } from '../../shared/usecases/access/access-report.ts'
import { planLinkAccess, type SyncAccessDeps, syncAccess } from '../../shared/usecases/access/sync-access.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import { FakeAccessLedger } from '../fakes/access-ledger.ts'
import { FakeAclAdmin } from '../fakes/acl-admin.ts'
import { FakeQuotaAdmin } from '../fakes/quota-admin.ts'
import { FakeScramUsers } from '../fakes/scram-users.ts'
import { FakeTopicLedger } from '../fakes/topic-ledger.ts'
import { inTime } from './in-time.ts'

class FakeAccess {
  readonly acls: FakeAclAdmin
  readonly quotas: FakeQuotaAdmin
  readonly scram = new FakeScramUsers()
  id: string
  readonly clusterId = async (): Promise<string> => this.id

  constructor(side: 'source' | 'target') {
    this.id = `the ${side}`
    this.acls = new FakeAclAdmin(side)
    this.quotas = new FakeQuotaAdmin(side)
  }
}

export const accessLink = (changes: Partial<AccessLink> = {}): AccessLink => ({
  name: 'west-east',
  naming: 'prefix',
  topics: [],
  patterns: ['^(?:orders.*)$'],
  exclude: [],
  source: { name: 'west', login: { kind: 'scram-sha-512' } },
  target: { name: 'east', login: { kind: 'scram-sha-512' } },
  ...changes,
})

const record = (targetTopic: string): TopicRecord => ({
  incarnation: 'life-1',
  targetTopic,
  paused: false,
  restarting: false,
})

/** Two clusters in memory and a link on which rights follow. `User:app` is called `User:app-east` on the target. */
export class AccessWorld {
  link: AccessLink
  access: LinkAccess = {
    principals: { 'User:app': 'User:app-east', 'User:job': 'User:job' },
    quotas: true,
  }
  status: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 0 }
  readonly source = new FakeAccess('source')
  readonly target = new FakeAccess('target')
  readonly topics = new FakeTopicLedger()
  readonly registry = new FakeAccessLedger()
  readonly opposite = new FakeAccessLedger()
  readonly fences = new FakeAccessLedger()
  readonly held = new FakeAccessLedger()
  fenced: readonly string[] = []

  constructor(link: Partial<AccessLink> = {}, replicated: readonly string[] = ['orders', 'orders.eu']) {
    this.link = accessLink(link)
    for (const topic of replicated) this.replicate(topic)
  }

  replicate(topic: string): void {
    const template = replicaTemplate(this.link.naming, this.link.source.name)
    this.topics.records.set(topic, record(replicaName(template, topic)))
  }

  promote(role: 'active' | 'standby'): void {
    this.status = { ...this.status, role, epoch: this.status.epoch + 1 }
  }

  get deps(): SyncAccessDeps {
    const { link, access, source, target, topics, registry, opposite, fenced, fences, held } = this
    const state = { read: async () => ({ status: this.status, heads: new Map() }) }
    const within = (_ms: number, deadline: Deadline) => ({ ...deadline, end: () => undefined })
    return {
      link,
      access,
      source,
      target,
      topics,
      registry,
      returning: [opposite],
      fenced,
      fences,
      held,
      state,
      within,
    }
  }

  async plan(): Promise<AccessReport> {
    return accessPlanReport(await planLinkAccess(inTime(), this.deps))
  }

  async pass(deps: SyncAccessDeps = this.deps): Promise<AccessReport> {
    return accessPassReport(await syncAccess(inTime(), deps))
  }
}
