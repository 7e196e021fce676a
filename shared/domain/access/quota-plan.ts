import type { AccessFacts, QuotaFacts } from './access-facts.ts'
import type { AccessStep } from './access-step.ts'
import {
  type ClientQuota,
  holderForPeople,
  type QuotaName,
  quotaPrincipal,
  quotaText,
  quotaUser,
  type UnheldQuota,
} from './client-quota.ts'
import type { LeftOut, LeftOutBecause } from './left-out.ts'
import type { RegisteredRight } from './own-right.ts'

export interface QuotaPlan {
  readonly steps: readonly AccessStep[]
  readonly alreadyThere: readonly ClientQuota[]
  readonly inStep: number
  readonly leftOut: readonly LeftOut[]
}

type Quotas = ReadonlyMap<string, ClientQuota>

const NOTHING: QuotaFacts = { quotas: [], unheld: [] }

const byText = (quotas: readonly ClientQuota[]): Quotas => new Map(quotas.map((quota) => [quotaText(quota), quota]))

/**
 * Each quota by itself: one of ours on a holder makes none of the others ours. When quotas do not follow (any more), the
 * ones that did are taken away.
 */
export const planQuotas = (facts: Pick<AccessFacts, 'access' | 'source' | 'target' | 'registered'>): QuotaPlan => {
  const { quotas, unheld } = facts.source.quotas ?? NOTHING
  const mappings = quotas.map((quota) => ({ quota, mapped: mapHolder(quota, facts.access) }))
  const wanted = byText(lowestLast(mappings.flatMap(({ mapped }) => mapped ?? [])))
  const there = byText(facts.target.quotas?.quotas ?? [])
  const ours = ownQuotas(facts.registered)
  const verdicts = [...wanted].map(([text, quota]) => ({
    quota,
    verdict: judge(quota, there.get(text), ours.has(text)),
  }))
  const those = (verdict: Verdict): ClientQuota[] =>
    verdicts.filter((judged) => judged.verdict === verdict).map(({ quota }) => quota)
  return {
    steps: [...those('set').map((quota) => ({ kind: 'set-quota', quota }) as const), ...unset(wanted, ours)],
    alreadyThere: those('already-there'),
    inStep: those('in-step').length,
    leftOut: [
      ...mappings.filter(({ mapped }) => mapped === undefined).map(({ quota }) => unmapped(quota)),
      ...unheld.map(leftOutUnheld),
      ...those('somebody-elses').map(somebodyElses),
    ],
  }
}

/** Of several users that are one on the target the strictest quota counts. */
const lowestLast = (quotas: readonly ClientQuota[]): ClientQuota[] =>
  quotas.toSorted((one, other) => other.value - one.value)

type Verdict = 'set' | 'in-step' | 'already-there' | 'somebody-elses'

const judge = ({ value }: ClientQuota, there: ClientQuota | undefined, isOurs: boolean): Verdict => {
  if (there === undefined) return 'set'
  if (there.value === value) return isOurs ? 'in-step' : 'already-there'
  return isOurs ? 'set' : 'somebody-elses'
}

/** `undefined`: the user is not in the map. A holder that is a client id alone is called the same on both sides. */
const mapHolder = (quota: ClientQuota, { principals }: AccessFacts['access']): ClientQuota | undefined => {
  if (quota.user === undefined) return quota
  const [, target] = Object.entries(principals).find(([source]) => source === quotaPrincipal(quota.user ?? '')) ?? []
  const user = target === undefined ? undefined : quotaUser(target)
  return user === undefined ? undefined : { ...quota, user }
}

const ownQuotas = (
  registered: readonly RegisteredRight[],
): ReadonlyMap<string, { readonly quota: QuotaName; readonly entry: RegisteredRight }> =>
  new Map(
    registered.flatMap((entry) => {
      const { right } = entry
      return right.kind === 'quota' ? [[quotaText(right.quota), { quota: right.quota, entry }] as const] : []
    }),
  )

const unset = (wanted: Quotas, ours: ReturnType<typeof ownQuotas>): AccessStep[] =>
  [...ours].filter(([text]) => !wanted.has(text)).map(([, { quota, entry }]) => ({ kind: 'unset-quota', quota, entry }))

const nameForPeople = (quota: QuotaName): string => `quota ${quota.key} of ${holderForPeople(quota)}`

const unmapped = (quota: ClientQuota): LeftOut => ({
  what: nameForPeople(quota),
  because: 'principal-unmapped',
  detail: 'the link maps its user onto none of the target',
})

const UNHELD: Readonly<Record<UnheldQuota['kind'], readonly [LeftOutBecause, string]>> = {
  default: ['default-quota', 'it binds whoever has no quota, on the target other people than on the source'],
  ip: ['ip-quota', 'addresses are other ones on the target'],
  unknown: ['unknown-to-us', 'it is of a kind that this version of Twinshore does not know'],
}

const leftOutUnheld = ({ kind, what }: UnheldQuota): LeftOut => {
  const [because, detail] = UNHELD[kind]
  return { what: `quota ${what}`, because, detail }
}

const somebodyElses = (quota: ClientQuota): LeftOut => ({
  what: nameForPeople(quota),
  because: 'somebody-elses-quota',
  detail: 'the target has another value that somebody else has set; it is left alone',
})
