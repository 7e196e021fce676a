import { ReplicationError } from '../../shared/domain/errors.ts'
import type { GroupPassFacts, LagFacts, PassFacts, RackFacts } from '../../shared/domain/failover/preflight-facts.ts'
import type { AccessMode, LinkFunctions, PassMode } from '../../shared/usecases/failover/link-functions.ts'

const IN_STEP: PassFacts = { due: [], faulted: [], troubles: [] }

/** The functions of a link without Lambda: they answer what a test says, and groups are really moved when it says how. */
export class FakeLinkFunctions implements LinkFunctions {
  /** What was invoked, in order, as in `groups apply`. */
  readonly calls: string[] = []
  /** Thrown instead of an answer, by the first word of the call. */
  readonly broken = new Map<string, ReplicationError>()
  lag: LagFacts
  rackFacts: RackFacts = { verdict: 'safe', unsafePartitions: 0 }
  topicPass: PassFacts | undefined = IN_STEP
  accessPass: PassFacts | undefined = IN_STEP
  groupPass: (mode: PassMode) => Promise<GroupPassFacts | undefined>

  constructor(lag: LagFacts, groupPass: (mode: PassMode) => Promise<GroupPassFacts | undefined>) {
    this.lag = lag
    this.groupPass = groupPass
  }

  break(what: string, error = new ReplicationError('SOURCE_UNREACHABLE', `${what}, injected`)): void {
    this.broken.set(what, error)
  }

  async status(): Promise<LagFacts> {
    return this.#call('status', () => this.lag)
  }

  async racks(side: 'source' | 'target'): Promise<RackFacts> {
    return this.#call(`racks ${side}`, () => this.rackFacts)
  }

  async topics(mode: PassMode): Promise<PassFacts | undefined> {
    return this.#call(`topics ${mode}`, () => this.topicPass)
  }

  async groups(mode: PassMode): Promise<GroupPassFacts | undefined> {
    return this.#call(`groups ${mode}`, () => this.groupPass(mode))
  }

  async access(mode: AccessMode): Promise<PassFacts | undefined> {
    return this.#call(`access ${mode}`, () => this.accessPass)
  }

  #call<Answer>(call: string, answer: () => Answer): Answer {
    this.calls.push(call)
    const error = this.broken.get(call.split(' ')[0] ?? '')
    if (error !== undefined) throw error
    return answer()
  }
}
