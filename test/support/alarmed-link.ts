import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { vi } from 'vitest'
import type { Template } from '../../local/aws/assembly.ts'
import { alarmsIn } from '../../local/cloudwatch/alarm-definition.ts'
import { AlarmMinutes } from '../../local/cloudwatch/alarm-minutes.ts'
import { dataPointsIn } from '../../local/cloudwatch/embedded-metrics.ts'
import { createGapAlarm } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { createLagTeller } from '../../shared/adapters/cloudwatch/lag-metrics.ts'
import { replicateConfig } from '../../shared/config/replicate-config.ts'
import { METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import type { GapAlarm } from '../../shared/usecases/ports.ts'
import { synthesise } from '../infra/synthesised.ts'
import { withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { RIG_ACCOUNT } from './rig-topology.ts'

/** The alarms of a link, and what they make of the lines that its functions really emit. */
export class AlarmedLink {
  readonly #minutes: AlarmMinutes
  readonly #prefix: string
  readonly #lines: string[] = []
  /** Tells of samples of the lag as the deployed function does. */
  readonly tell: ReturnType<typeof createLagTeller>
  /** Tells of a gap as they do. */
  readonly tellGap: GapAlarm

  constructor(link: Link, watched: readonly string[]) {
    this.#prefix = `${link.installation}-${link.name}-`
    const names = watched.map((name) => `${this.#prefix}${name}`)
    const stacks = [...synthesise(defineTopology(withLink({ name: link.name }))).values()]
    const alarms = stacks.flatMap(({ template }) => alarmsIn(template.toJSON() as Template))
    this.#minutes = new AlarmMinutes(alarms.filter(({ name }) => names.includes(name)))
    vi.stubEnv('POWERTOOLS_DEV', 'true') // else lines pass the console by
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
    const means = { link, metrics, logger: new Logger({ logLevel: 'SILENT' }) }
    this.tell = this.#kept(createLagTeller(means))
    this.tellGap = this.#kept(createGapAlarm({ ...means, link: replicateConfig(link, RIG_ACCOUNT).link }))
  }

  #kept<Told extends readonly unknown[]>(teller: (...told: Told) => void): (...told: Told) => void {
    return (...told) => {
      const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void this.#lines.push(line))
      teller(...told)
      log.mockRestore()
    }
  }

  /** A minute in which these lines came besides those of the samples since the last one; which alarms are on then. */
  minute(lines: readonly string[] = []): readonly string[] {
    this.#minutes.pass([...this.#lines.splice(0), ...lines].flatMap(dataPointsIn))
    return this.#minutes.on().map((name) => name.slice(this.#prefix.length))
  }
}
