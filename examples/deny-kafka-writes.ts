import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  IAMServiceException,
  NoSuchEntityException,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'

/**
 * A fence of one's own, for applications that log in to MSK by IAM, which ACLs do not bind: it takes the right to write away
 * from their roles by a policy of its own, and deletes that again. Deploy it under one name in both regions, with a timeout of
 * 20 s and a role that may use the three actions of IAM below on these roles.
 */
export interface FenceRequest {
  readonly action: 'fence' | 'prove' | 'lift' | 'switch'
  readonly pair: string
  /** The cluster that is fenced, or opened. */
  readonly from: string
  readonly to: string
  readonly epoch: number
  readonly execution: string
}

export interface FenceAnswer {
  readonly done: boolean
  readonly detail: string
  /** Nothing can be fenced now: an unplanned failover goes on, and asks again every minute. */
  readonly gone?: boolean
}

/** Of each cluster, by its name in the topology. */
export type Fenced = Readonly<
  Record<
    string,
    { readonly roles: readonly string[] /** As ARNs, with wildcards. */; readonly topics: readonly string[] }
  >
>

/** Until IAM has told everybody. */
const SETTLES_MS = 60_000

/** Policies are changed in us-east-1 alone, whatever the region of the cluster: it may be the one that is gone. */
const connect = () =>
  new IAMClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000 } })

export const createHandler =
  (fenced: Fenced, iam = connect(), now: () => number = Date.now) =>
  async ({ action, from }: FenceRequest): Promise<FenceAnswer> => {
    const { roles, topics } = fenced[from] ?? { roles: [], topics: [] }
    if (roles.length === 0) return { done: false, detail: `nobody has said which applications write to ${from}` }
    try {
      for (const role of roles) {
        const because = await act(action, { iam, role, policy: `twinshore-fence-${from}`, topics, at: now() })
        if (because !== undefined) return { done: false, detail: because }
      }
    } catch (error) {
      if (error instanceof IAMServiceException && error.$fault === 'client') throw error // somebody has to mend it
      return { done: false, detail: `IAM does not answer: ${error}`, gone: true }
    }
    return { done: true, detail: `${action} ${from}: ${roles.join(', ')}` }
  }

interface Denial {
  readonly iam: IAMClient
  readonly role: string
  readonly policy: string
  readonly topics: readonly string[]
  readonly at: number
}

/** Why it is not done yet. */
const act = async (action: FenceRequest['action'], denial: Denial): Promise<string | undefined> => {
  const { role, at } = denial
  const since = await deniedSince(denial)
  if (action === 'fence' && since === undefined) await deny(denial)
  if (action === 'lift' && since !== undefined) await allow(denial)
  if (action === 'prove' && (since === undefined || at - since < SETTLES_MS)) return `${role} may still write`
  return action === 'switch' ? 'this function fences, and moves no clients' : undefined
}

/** When the policy was written is in its only statement: asked again, it is left as it is. */
const deniedSince = async ({ iam, role, policy }: Denial): Promise<number | undefined> => {
  try {
    const { PolicyDocument: text = '' } = await iam.send(
      new GetRolePolicyCommand({ RoleName: role, PolicyName: policy }),
    )
    return Number(/"Since(\d+)"/.exec(decodeURIComponent(text))?.[1] ?? 0)
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined
    throw error
  }
}

const deny = async ({ iam, role, policy, topics, at }: Denial): Promise<void> => {
  const Action = ['kafka-cluster:WriteData', 'kafka-cluster:CreateTopic', 'kafka-cluster:DeleteTopic']
  const Statement = [{ Sid: `Since${at}`, Effect: 'Deny', Action, Resource: topics }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: policy, PolicyDocument }))
}

const allow = async ({ iam, role, policy }: Denial): Promise<void> => {
  try {
    await iam.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: policy }))
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error // somebody else was faster
  }
}

export const handler = createHandler(JSON.parse(process.env['FENCED'] ?? '{}'))
