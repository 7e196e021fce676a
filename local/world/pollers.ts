import { functionInvoker } from '../aws/function-invoker.ts'
import type { Mapping } from '../aws/gateway/mapping-configuration.ts'
import type { Polling } from '../aws/gateway/mappings.ts'
import type { Happening } from '../poller/happening.ts'
import type { Invoke } from '../poller/invocations.ts'
import { type Poller, type PollerOptions, startPoller } from '../poller/poller.ts'
import { polledMapping, type ReadSecret } from './polled-mapping.ts'

/** How one mapping is polled. The invocation may be wrapped, to look at it or to replace it. */
interface PollerChoice {
  readonly options?: PollerOptions
  wrap?(invoke: Invoke): Invoke
}

export interface PollersOptions {
  /** The AWS endpoint. */
  readonly endpoint: string
  readonly readSecret: ReadSecret
  /** Told what AWS shows as the last result of a mapping. */
  report?(uuid: string, lastProcessingResult: string): void
  /** Asked whenever the polling of a mapping starts. */
  choose?(mapping: Mapping): PollerChoice
}

/** As AWS words it; undefined for what does not show there. */
const resultOf = (happening: Happening): string | undefined => {
  if (happening.kind === 'problem') return `PROBLEM: ${happening.error.message}`
  if (happening.kind !== 'delivered') return undefined
  return happening.result === 'succeeded' ? 'OK' : 'PROBLEM: Function call failed'
}

/** Lambda's pollers: one for each mapping that is enabled. */
export class Pollers implements Polling {
  readonly #options: PollersOptions
  readonly #running = new Map<string, { readonly poller: Poller; readonly close: () => void }>()

  constructor(options: PollersOptions) {
    this.#options = options
  }

  /** The poller of a mapping that is enabled now. */
  get(uuid: string): Poller | undefined {
    return this.#running.get(uuid)?.poller
  }

  async start(mapping: Mapping): Promise<void> {
    const { endpoint, readSecret, choose } = this.#options
    const { options, wrap } = choose?.(mapping) ?? {}
    const polled = await polledMapping(mapping, readSecret)
    const { invoke, close } = functionInvoker(endpoint, mapping.region)
    const poller = startPoller(polled, wrap?.(invoke) ?? invoke, this.#reporting(mapping.uuid, options))
    this.#running.set(mapping.uuid, { poller, close })
  }

  #reporting(uuid: string, options: PollerOptions | undefined): PollerOptions {
    const observe = (happening: Happening): void => {
      const result = resultOf(happening)
      if (result !== undefined) this.#options.report?.(uuid, result)
      options?.observe?.(happening)
    }
    return { ...options, observe }
  }

  async stop(uuid: string): Promise<void> {
    const running = this.#running.get(uuid)
    this.#running.delete(uuid)
    await running?.poller.stop()
    running?.close()
  }
}
