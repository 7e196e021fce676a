import { readsMskByArn } from '../event-source-mapping.ts'
import { isMsk, type Link, type Topology } from './topology.ts'
import { isKmsKey, isRegion, mskAccount } from './topology-check-cluster.ts'
import type { Written } from './topology-complete.ts'
import { LIMITS } from './topology-limits.ts'
import { type Mistake, mistakeIf, tooMany } from './topology-mistake.ts'

const INSTALLATION = /^[a-z][a-z0-9]*$/
const ACCOUNT = /^\d{12}$/
/** Links to sections are made of it, in Markdown. */
const RUNBOOK = /^https:\/\/[^\s#()]+$/
const SNS_TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/

export const checkInstallation = (topology: Topology): readonly Mistake[] => [
  ...mistakeIf(
    !INSTALLATION.test(topology.installation),
    'installation',
    `${topology.installation} is no usable name`,
    'use a-z and 0-9, beginning with a letter; the first - of a name in AWS ends it',
  ),
  ...tooMany('installation', topology.installation.length, LIMITS.installationName),
  ...mistakeIf(
    topology.account !== undefined && !ACCOUNT.test(topology.account),
    'account',
    `${topology.account} is no AWS account`,
    'write its twelve digits as a text, or leave it out',
  ),
  ...checkByRegion('encryptionKeys', topology.encryptionKeys, isKmsKey, 'a KMS key'),
  ...checkByRegion('alarmTopics', topology.alarmTopics, (arn) => SNS_TOPIC.test(arn), 'an SNS topic'),
  ...mistakeIf(
    topology.runbook !== undefined && !RUNBOOK.test(topology.runbook),
    'runbook',
    `${topology.runbook} is no address of a page`,
    'write it like https://git.example.org/twinshore/README.md, without a #, or leave it out',
  ),
]

const checkByRegion = (
  path: string,
  arns: Readonly<Record<string, string>>,
  isArn: (arn: string) => boolean,
  what: string,
): readonly Mistake[] =>
  Object.entries(arns).flatMap(([region, arn]) => [
    ...mistakeIf(!isRegion(region), `${path}.${region}`, `${region} is no AWS region`, 'write it like eu-west-1'),
    ...mistakeIf(
      !isArn(arn) || arn.split(':')[3] !== region,
      `${path}.${region}`,
      `is no ARN of ${what} in ${region}`,
      `write the ARN of one there`,
    ),
  ])

/** Another account's cluster is polled through a connection of its own, which no topology can say yet. */
export const checkMskAccount = (account: string | undefined, { path, part }: Written<Link>): readonly Mistake[] => {
  if (account === undefined || !isMsk(part.source) || !readsMskByArn(part)) return []
  const owner = mskAccount(part.source.arn)
  return mistakeIf(
    owner !== undefined && owner !== account,
    `${path}.source`,
    `${part.source.name} belongs to account ${owner}, and Lambda in ${account} cannot poll it by its ARN`,
    "choose placement 'target', which reaches it by its bootstrap servers",
  )
}
