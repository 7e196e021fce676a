import { ReplicationError } from '../../shared/domain/errors.ts'
import type { VerifyScope } from '../../shared/usecases/verify/plan-verification.ts'
import type { VerifyRange } from '../../shared/usecases/verify/verify-ports.ts'

/** What the function is asked to do. */
export type VerifyTask =
  | { readonly mode: 'sample'; readonly perTopic: number }
  | { readonly mode: 'plan'; readonly scope: VerifyScope; readonly topic: string | undefined }
  | { readonly mode: 'range'; readonly range: VerifyRange; readonly budgetMs: number | undefined }

/** What the schedule takes of each topic. */
const SAMPLES_PER_TOPIC = 3
const MODES = 'sample, plan and range'

/**
 * An event without a mode is the schedule's. Offsets are texts, since JSON has no numbers of that size:
 * `{"mode":"range","topic":"orders","partition":0,"from":"17","to":"99"}`. Throws `EVENT_MALFORMED`.
 */
export const taskOf = (event: unknown): VerifyTask => {
  const asked = new Asked(event)
  const mode = asked.text('mode') ?? 'sample'
  if (mode === 'sample') return { mode, perTopic: asked.count('sample') ?? SAMPLES_PER_TOPIC }
  if (mode === 'plan') return { mode, scope: scopeOf(asked), topic: asked.text('topic') }
  if (mode !== 'range') throw malformed(`its mode is ${JSON.stringify(mode)}, and there are ${MODES}`)
  const [topic, partition, from] = [asked.text('topic'), asked.count('partition'), asked.offset('from')]
  const [to, uncoveredFrom] = [asked.offset('to'), asked.offset('uncoveredFrom')]
  if (topic === undefined || partition === undefined || from === undefined)
    throw malformed('a range has a topic, a partition and where it begins (from)')
  const rest = { ...(to !== undefined && { to }), ...(uncoveredFrom !== undefined && { uncoveredFrom }) }
  const range = { topic, partition, from, ...rest, holesOnly: asked.flag('holesOnly') }
  return { mode, range, budgetMs: asked.count('budgetMs') }
}

const scopeOf = (asked: Asked): VerifyScope => {
  const [perTopic, timestamp] = [asked.count('sample'), asked.count('since')]
  if (perTopic !== undefined && timestamp !== undefined) throw malformed('it wants samples and a time at once')
  if (perTopic !== undefined) return { kind: 'sample', perTopic }
  if (timestamp !== undefined) return { kind: 'since', timestamp }
  return { kind: asked.flag('holes') ? 'holes' : 'all' }
}

const malformed = (because: string): ReplicationError =>
  new ReplicationError('EVENT_MALFORMED', `reading the event: ${because}`)

/** An event, field by field; what is there has to be of its kind. */
class Asked {
  readonly #event: object

  constructor(event: unknown) {
    this.#event = typeof event === 'object' && event !== null ? event : {}
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a text', (value): value is string => typeof value === 'string')
  }

  flag(name: string): boolean {
    return this.#read(name, 'true or false', (value): value is boolean => typeof value === 'boolean') ?? false
  }

  count(name: string): number | undefined {
    const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
    return this.#read(name, 'a whole number', isCount)
  }

  offset(name: string): bigint | undefined {
    const isOffset = (value: unknown): value is string => typeof value === 'string' && /^\d{1,19}$/.test(value)
    const text = this.#read(name, 'an offset, written as a text', isOffset)
    return text === undefined ? undefined : BigInt(text)
  }

  #read<Value>(name: string, what: string, isValue: (value: unknown) => value is Value): Value | undefined {
    const value: unknown = Reflect.get(this.#event, name)
    if (value === undefined || isValue(value)) return value
    throw malformed(`its ${name} is not ${what}`)
  }
}
