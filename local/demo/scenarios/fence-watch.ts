import { alarmName, fenceName } from '../../../shared/domain/link-names.ts'
import type { Link } from '../../../shared/domain/topology/topology.ts'
import type { DebtReport, PendingReport } from '../../../shared/usecases/failover/settle-pending.ts'
import { LoggedFunction } from '../../aws/logged-function.ts'
import { alarmsIn } from '../../cloudwatch/alarm-definition.ts'
import { AlarmMinutes } from '../../cloudwatch/alarm-minutes.ts'
import { dataPointsIn } from '../../cloudwatch/embedded-metrics.ts'
import type { World } from '../../world/world.ts'

/** What a pass found, and whether somebody is told that a cluster is not fenced. */
export interface FenceLook {
  readonly alarm: boolean
  readonly debts: readonly DebtReport[]
}

/** The deployed function that waits for an old active cluster, invoked by hand, and the deployed alarm over what it emits. */
export class FenceWatch {
  readonly #function: LoggedFunction
  readonly #minutes: AlarmMinutes

  constructor({ aws, stacks }: World, link: Link) {
    if (aws === undefined) throw new Error(`watching the fence of ${link.name}: the world has no AWS`)
    this.#function = new LoggedFunction(aws.url, link.target.region, fenceName(link))
    const pending = alarmName(link, 'fence-pending')
    this.#minutes = new AlarmMinutes(
      stacks.flatMap(({ template }) => alarmsIn(template)).filter(({ name }) => name === pending),
    )
  }

  async look(): Promise<FenceLook> {
    const { answer, lines } = await this.#function.invoke({})
    this.#minutes.pass(lines.flatMap(dataPointsIn).filter(({ name }) => name === 'FencePending'))
    const { debts } = answer as PendingReport
    return { alarm: this.#minutes.on().length > 0, debts }
  }

  close(): void {
    this.#function.close()
  }
}
