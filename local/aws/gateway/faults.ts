import { type AwsRequest, type AwsResponse, errorResponse } from './exchange.ts'

/** What happens to a request that a rule matches. */
type Fault =
  | 'pass'
  /** Never reaches AWS and stays unanswered, until the rule is removed: then its connection is cut. */
  | 'hold'
  /** Refused as AWS refuses what comes too fast. */
  | 'throttle'
  /** Never reaches AWS; its connection is cut. */
  | 'drop'
  | ((request: AwsRequest, forward: () => Promise<AwsResponse>) => Promise<AwsResponse>)

export interface FaultRule {
  match(request: AwsRequest): boolean
  readonly fault: Fault
}

/** A rule in force. */
export interface Injection {
  /** How many requests it has matched. */
  readonly matched: number
  /** Resolves when it matches for the first time. */
  readonly firstMatch: Promise<AwsRequest>
  remove(): void
}

/** The connection is to be cut without an answer. */
export class ConnectionCut extends Error {
  constructor(request: AwsRequest) {
    super(`cutting the connection of ${request.method} ${request.path}: a fault rule says so`)
    this.name = 'ConnectionCut'
  }
}

interface ActiveRule {
  readonly rule: FaultRule
  matched: number
  readonly firstMatch: PromiseWithResolvers<AwsRequest>
  readonly removed: PromiseWithResolvers<void>
}

const throttled = (request: AwsRequest): AwsResponse =>
  request.service === 'dynamodb'
    ? errorResponse(400, 'ProvisionedThroughputExceededException', 'The level of configured throughput was exceeded.')
    : errorResponse(429, 'ThrottlingException', 'Rate exceeded')

/** The faults of a gateway. The newest rule that matches decides; without one, a request passes. */
export class Faults {
  readonly #active: ActiveRule[] = []

  inject(rule: FaultRule): Injection {
    const active: ActiveRule = {
      rule,
      matched: 0,
      firstMatch: Promise.withResolvers(),
      removed: Promise.withResolvers(),
    }
    this.#active.unshift(active)
    return {
      get matched() {
        return active.matched
      },
      firstMatch: active.firstMatch.promise,
      remove: () => this.#remove(active),
    }
  }

  /** Throws `ConnectionCut` instead of an answer. */
  async answer(request: AwsRequest, forward: () => Promise<AwsResponse>): Promise<AwsResponse> {
    const active = this.#active.find(({ rule }) => rule.match(request))
    if (active === undefined) return forward()
    active.matched += 1
    active.firstMatch.resolve(request)
    return inflict(active, request, forward)
  }

  removeAll(): void {
    for (const active of [...this.#active]) this.#remove(active)
  }

  #remove(active: ActiveRule): void {
    const at = this.#active.indexOf(active)
    if (at >= 0) this.#active.splice(at, 1)
    active.removed.resolve()
  }
}

const inflict = async (
  { rule: { fault }, removed }: ActiveRule,
  request: AwsRequest,
  forward: () => Promise<AwsResponse>,
): Promise<AwsResponse> => {
  if (typeof fault === 'function') return fault(request, forward)
  switch (fault) {
    case 'pass':
      return forward()
    case 'throttle':
      return throttled(request)
    case 'hold':
      await removed.promise
      throw new ConnectionCut(request)
    case 'drop':
      throw new ConnectionCut(request)
  }
}
