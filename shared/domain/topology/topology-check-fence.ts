import type { FenceChoice, PairFailover, ProbeLogin, SwitchChoice } from '../failover/failover-choice.ts'
import { isSecretReference, secretRegion } from '../secret-reference.ts'
import type { Link, Pair } from './topology.ts'
import type { WrittenLink } from './topology-complete.ts'
import { LIMITS } from './topology-limits.ts'
import { type Mistake, mistakeIf, tooMany } from './topology-mistake.ts'

const PRINCIPAL = /^User:.+$/s
const PARAMETER = /^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/
const FUNCTION = /^[A-Za-z0-9_-]{1,64}$/
const PROBE_LOGINS: readonly ProbeLogin['kind'][] = ['scram-sha-512', 'scram-sha-256', 'plain', 'mtls']
const FENCES: readonly FenceChoice['kind'][] = ['acl', 'parameter', 'function', 'none']
const SWITCHES: readonly SwitchChoice['kind'][] = ['parameter', 'function', 'none']

/** Whoever leaves a fence out has to say so: what is fenced by nothing may be written on both sides. */
export const checkFences = (
  path: string,
  { fences }: PairFailover,
  { clusters }: Pair,
  own: readonly WrittenLink[],
): readonly Mistake[] => [
  ...Object.keys(fences).flatMap((name) =>
    mistakeIf(
      !clusters.includes(name),
      `${path}.${name}`,
      'is no cluster of the pair',
      `name ${clusters.join(' and ')}`,
    ),
  ),
  ...own.flatMap(({ part }) => {
    const at = `${path}.${part.source.name}`
    const choices = fences[part.source.name] ?? []
    return [
      ...checkChoices(at, choices, FENCES, `say what keeps applications from writing to ${part.source.name}`),
      ...choices.flatMap((choice) => checkFence(at, choice, part)),
    ]
  }),
]

export const checkClients = (path: string, clients: readonly SwitchChoice[]): readonly Mistake[] => [
  ...checkChoices(path, clients, SWITCHES, 'say how clients learn which cluster is the active one'),
  ...clients.flatMap((choice) => checkName(path, choice)),
]

const checkChoices = (
  path: string,
  choices: readonly { readonly kind: string }[],
  kinds: readonly string[],
  question: string,
): readonly Mistake[] => [
  ...mistakeIf(choices.length === 0, path, 'is missing', `${question}; if nothing does, write { kind: 'none' }`),
  ...choices
    .filter(({ kind }) => !kinds.includes(kind))
    .flatMap(({ kind }) => mistakeIf(true, path, `${kind} is unknown`, `choose one of ${kinds.join(', ')}`)),
  ...mistakeIf(
    choices.length > 1 && choices.some(({ kind }) => kind === 'none'),
    path,
    'none says that there is nothing else',
    'leave out none or the others',
  ),
]

const checkFence = (path: string, choice: FenceChoice, link: Link): readonly Mistake[] =>
  choice.kind === 'acl' ? checkAcls(path, choice, link) : checkName(path, choice)

const checkName = (path: string, choice: Exclude<FenceChoice, { readonly kind: 'acl' }>): readonly Mistake[] => {
  if (choice.kind !== 'parameter' && choice.kind !== 'function') return []
  const isName = (choice.kind === 'parameter' ? PARAMETER : FUNCTION).test(choice.name ?? '')
  const what = choice.kind === 'parameter' ? 'a parameter of SSM' : 'a Lambda function, no ARN'
  return mistakeIf(!isName, `${path}.name`, 'is no name', `write the name of ${what}`)
}

type AclFence = Extract<FenceChoice, { readonly kind: 'acl' }>

const checkAcls = (path: string, { principals = [], probe }: AclFence, { source, target }: Link) => [
  ...tooMany(`${path}.principals`, principals.length, LIMITS.fencePrincipals),
  ...principals.flatMap((principal) =>
    mistakeIf(
      !PRINCIPAL.test(principal) || principal === 'User:*',
      `${path}.principals`,
      `${principal} is no principal of one application`,
      'write each as the ACLs of the cluster do, like User:orders; everybody would be Twinshore as well',
    ),
  ),
  ...mistakeIf(
    source.kind === 'msk-serverless' || (source.login.kind === 'iam' && probe === undefined),
    path,
    `${source.name} is used by IAM, and ACLs do not bind clients that log in so`,
    "choose a function that changes their policies, or a parameter; or name as probe an application's login that is not IAM",
  ),
  ...(probe === undefined ? [] : checkProbe(`${path}.probe`, probe, target.region)),
]

/** Read where the fence is: in the region of the other cluster, since this one may be gone. */
const checkProbe = (path: string, { kind, secret }: ProbeLogin, region: string): readonly Mistake[] => [
  ...mistakeIf(
    !PROBE_LOGINS.includes(kind),
    `${path}.kind`,
    `${kind} proves nothing about an application`,
    `choose one of ${PROBE_LOGINS.join(', ')}`,
  ),
  ...mistakeIf(
    !isSecretReference(secret),
    `${path}.secret`,
    'is neither name nor ARN of a secret in Secrets Manager',
    'keep the secret in Secrets Manager and write its name or ARN',
  ),
  ...mistakeIf(
    (secretRegion(secret) ?? region) !== region,
    `${path}.secret`,
    `the fence is set from ${region}, and Lambda reads no secret of another region`,
    `name the secret instead of its ARN, and replicate it to ${region} in Secrets Manager`,
  ),
]
