import { createHandler, type HandlerDeps, type LagStatus } from '../../functions/measure-lag/handler.ts'
import { connectLag } from '../../shared/adapters/lag-connections.ts'
import { connectRacks } from '../../shared/adapters/rack-connections.ts'
import type { ReplicationError } from '../../shared/domain/errors.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import type { LagReport } from '../../shared/domain/lag/lag-report.ts'
import { limitsOf } from '../../shared/domain/lag/link-verdict.ts'
import type { LagTurnReport } from '../../shared/usecases/lag/measure-lag.ts'
import type { RigLink } from './rig-link.ts'

/** What of an invocation's time the function does not use for further samples. */
const MARGIN_MS = 4_500

/** A link, and the function that measures its lag in this process, with a shorter time between samples. */
export class MeasuredLink {
  readonly link: RigLink
  /** What was told, and when that was. */
  readonly told: { readonly report: LagReport; readonly toldAt: number }[] = []
  readonly failures: ReplicationError[] = []
  readonly everyMs: number
  readonly #handler: ReturnType<typeof createHandler>
  #invocations = 0
  #close = (): void => undefined

  /** `tell`: told of each sample as well. */
  constructor(link: RigLink, everyMs: number, tell: HandlerDeps['tell'] = () => undefined) {
    this.link = link
    this.everyMs = everyMs
    this.#handler = createHandler({
      connect: (place) => {
        Object.assign(process.env, link.environment)
        const connected = connectLag(groupOrder(link.link, { links: [link.link] }), place)
        const racks = connectRacks(link.link, place)
        this.#close = () => [connected, racks].forEach((connection) => void connection.close())
        return { ...connected, sides: racks.sides }
      },
      racks: { tell: () => undefined, fail: (_side, error) => void this.failures.push(error) },
      limits: limitsOf(link.link),
      everyMs,
      tell: (report, told) => {
        this.told.push({ report, toldAt: Date.now() })
        tell(report, told)
      },
      fail: (error) => void this.failures.push(error),
    })
  }

  /** One invocation of the schedule, with so many samples. */
  async measure(samples = 1): Promise<LagTurnReport> {
    return (await this.#invoke({}, (samples - 0.5) * this.everyMs + MARGIN_MS)) as LagTurnReport
  }

  async status(): Promise<LagStatus> {
    return (await this.#invoke({ mode: 'status' }, 20_000)) as LagStatus
  }

  get last(): LagReport {
    const told = this.told.at(-1)
    if (told === undefined) throw new Error(`nothing was told: ${this.failures.join()}`)
    return told.report
  }

  /** The longest time between two samples, as it really was. */
  get longestGapMs(): number {
    const times = this.told.map(({ report }) => report.at)
    return Math.max(0, ...times.slice(1).map((at, before) => at - (times[before] ?? at)))
  }

  close(): void {
    this.#close()
  }

  #invoke(event: object, remainingMs: number) {
    return this.#handler(event, {
      awsRequestId: `request-${this.#invocations++}`,
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:twinshore-measure-lag',
      getRemainingTimeInMillis: () => remainingMs,
    })
  }
}
