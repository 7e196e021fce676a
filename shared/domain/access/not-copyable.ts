import type { AccessFacts } from './access-facts.ts'
import { quotaUser } from './client-quota.ts'

/** What no call of Kafka's copies, and somebody has to do by hand. */
export interface NotCopyable {
  readonly what: string
  readonly because: 'iam' | 'password' | 'passwords-untold' | 'no-rights-seen'
  readonly detail: string
}

type Facts = Pick<AccessFacts, 'link' | 'access' | 'source' | 'target'>

export const notCopyable = (facts: Facts): readonly NotCopyable[] => [
  ...iamClusters(facts),
  ...untoldPasswords(facts),
  ...missingPasswords(facts),
  ...rightless(facts),
]

const iamClusters = ({ link }: Facts): readonly NotCopyable[] =>
  [link.source, link.target]
    .filter(({ login }) => login.kind === 'iam')
    .map(({ name }) => ({
      what: name,
      because: 'iam',
      detail: `the rights of IAM logins to ${name} live in IAM policies, which no ACL binds`,
    }))

const untoldPasswords = ({ link, source, target }: Facts): readonly NotCopyable[] =>
  (['source', 'target'] as const).flatMap((side) => {
    const { scram } = { source, target }[side]
    if (scram.kind === 'told') return []
    const detail = `nobody can tell which users have a password there: ${scram.because}`
    return [{ what: link[side].name, because: 'passwords-untold', detail }]
  })

/** Passwords cannot be read. Somebody who logs in to the target in another way needs none there. */
const missingPasswords = ({ link, access, source, target }: Facts): readonly NotCopyable[] => {
  const [onSource, onTarget] = [source.scram, target.scram]
  if (onSource.kind === 'untold' || onTarget.kind === 'untold') return []
  return Object.entries(access.principals).flatMap(([from, to]) => {
    const [user, replica] = [quotaUser(from), quotaUser(to)]
    if (user === undefined || replica === undefined) return []
    if (!onSource.users.has(user) || onTarget.users.has(replica)) return []
    const detail = `${from} logs in to ${link.source.name} with a password, and ${to} has none on ${link.target.name}: give it one there by hand`
    return [{ what: to, because: 'password', detail }]
  })
}

const rightless = ({ link, access, source }: Facts): readonly NotCopyable[] => {
  const seen = new Set(source.acls.map(({ principal }) => principal))
  return Object.keys(access.principals)
    .filter((principal) => !seen.has(principal))
    .map((principal) => ({
      what: principal,
      because: 'no-rights-seen',
      detail: `no ACL on ${link.source.name} names it: it is a super user there, which never follows, or misspelt in the link`,
    }))
}
