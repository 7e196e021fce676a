import type { FenceChoice, PairFailoverInput, ProbeLogin, SwitchChoice } from '../failover/failover-choice.ts'
import type { FailoverLimits } from '../failover/failover-input.ts'
import { isObject, optional, type Part, type Shape } from './topology-fields.ts'

const FAILOVER: Shape<PairFailoverInput> = {
  active: 'text',
  fence: 'object',
  clients: 'choices',
  limits: 'object?',
  approval: 'approval?',
  stillMs: 'number?',
  drillEveryDays: 'number?',
  tail: 'text?',
  mayScrape: 'flag?',
}

const FENCE: Shape<FenceChoice> = { kind: 'text', principals: 'texts?', probe: 'object?', name: 'text?' }

const PROBE: Shape<ProbeLogin> = { kind: 'text', secret: 'text' }

const SWITCH: Shape<SwitchChoice> = { kind: 'text', name: 'text?' }

const FAILOVER_LIMITS: Shape<FailoverLimits> = { lagRecords: 'number?', lagSeconds: 'number?', lostRecords: 'number?' }

const APPROVAL: Shape<Exclude<PairFailoverInput['approval'], string | undefined>> = { expiresMs: 'number' }

/** What a pair says of its failover, for as much of it as has the form of something. */
export const failoverParts = (path: string, failover: PairFailoverInput | undefined): readonly Part[] => {
  if (!isObject(failover)) return []
  const { fence, clients, limits, approval } = failover
  return [
    { path, value: failover, shape: FAILOVER },
    ...(isObject(fence) ? Object.entries(fence) : []).flatMap(([cluster, choices]) =>
      each(`${path}.fence.${cluster}`, choices).flatMap(fenceParts),
    ),
    ...each(`${path}.clients`, clients).map((one) => ({ ...one, shape: SWITCH })),
    ...optional(`${path}.limits`, limits, FAILOVER_LIMITS),
    ...optional(`${path}.approval`, approval, APPROVAL),
  ]
}

interface Choice {
  readonly path: string
  readonly value: unknown
}

/** One alone stands where it was written, those of a list by their index. */
const each = (path: string, choices: unknown): readonly Choice[] =>
  Array.isArray(choices)
    ? choices.map((value: unknown, index) => ({ path: `${path}[${index}]`, value }))
    : [{ path, value: choices }]

const fenceParts = ({ path, value }: Choice): readonly Part[] => [
  { path, value, shape: FENCE },
  ...(isObject(value) && 'probe' in value ? optional(`${path}.probe`, value.probe, PROBE) : []),
]
