import type { Cluster, Link } from './topology.ts'
import type { Written } from './topology-complete.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

/** What is wrong with what a link says of access rights. */
export const checkAccess = ({ path, part: { access, source, target } }: Written<Link>): readonly Mistake[] => {
  if (access === undefined) return []
  const at = `${path}.access`
  return [
    ...checkPrincipals(`${at}.principals`, access.principals),
    ...checkClusters(at, source, target, access.quotas),
  ]
}

/** As Kafka writes principals of clients; whoever logs in without a name is one as well. */
const PRINCIPAL = /^User:.+$/s
const EVERYBODY = 'User:*'

const checkPrincipals = (path: string, principals: Readonly<Record<string, string>>): readonly Mistake[] => [
  ...mistakeIf(
    Object.keys(principals).length === 0,
    path,
    'no principal is named, so that no right would follow',
    "name each as on the source, with what it is on the target: { 'User:orders': 'User:orders' }",
  ),
  ...Object.entries(principals).flatMap(([ofSource, ofTarget]) => [
    ...checkPrincipal(path, ofSource),
    ...(ofTarget === ofSource ? [] : checkPrincipal(path, ofTarget)),
  ]),
]

const checkPrincipal = (path: string, principal: string): readonly Mistake[] => [
  ...mistakeIf(
    !PRINCIPAL.test(principal),
    path,
    `${principal} is no principal`,
    'write it as the ACLs of the cluster do, like User:orders',
  ),
  ...mistakeIf(
    principal === EVERYBODY,
    path,
    'User:* is everybody, and rights of everybody are given by nobody but an operator',
    'name the principals that shall have them',
  ),
]

/** MSK takes ACLs beside IAM, but they do not bind whoever logs in by IAM; MSK Serverless knows neither ACLs nor quotas. */
const checkClusters = (path: string, source: Cluster, target: Cluster, quotas: boolean): readonly Mistake[] => {
  const serverless = [source, target].filter(({ kind }) => kind === 'msk-serverless').map(({ name }) => name)
  if (serverless.length > 0)
    return mistakeIf(
      true,
      path,
      `${serverless.join(' and ')}: MSK Serverless has neither ACLs nor quotas${quotas ? ', so that nothing could follow' : ''}`,
      'leave access out, and give its clients their rights in IAM policies',
    )
  return mistakeIf(
    source.login.kind === 'iam' && target.login.kind === 'iam',
    path,
    'ACLs do not bind clients that log in by IAM, and both clusters are used so',
    'leave access out, and give the clients their rights in IAM policies',
  )
}
