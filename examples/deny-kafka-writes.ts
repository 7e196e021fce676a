import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
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

export const createHandler =
  (fenced: Fenced, iam = new IAMClient(), now: () => number = Date.now) =>
  async ({ action, from }: FenceRequest): Promise<FenceAnswer> => {
    const { roles, topics } = fenced[from] ?? { roles: [], topics: [] }
    if (roles.length === 0) return { done: false, detail: `nobody has said which applications write to ${from}` }
    const policy = `twinshore-fence-${from}`
    for (const role of roles) {
      const since = await deniedSince(iam, role, policy)
      if (action === 'fence' && since === undefined) await deny(iam, role, policy, topics, now())
      if (action === 'lift' && since !== undefined) await allow(iam, role, policy)
      if (action === 'prove' && (since === undefined || now() - since < SETTLES_MS))
        return { done: false, detail: `${role} may write to ${from}, or might since IAM is slow` }
      if (action === 'switch') return { done: false, detail: 'this function fences, and moves no clients' }
    }
    return { done: true, detail: `${action} ${from}: ${roles.join(', ')}` }
  }

/** When the policy was written is in its only statement: asked again, it is left as it is. */
const deniedSince = async (iam: IAMClient, role: string, policy: string): Promise<number | undefined> => {
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

const deny = async (iam: IAMClient, role: string, policy: string, topics: readonly string[], at: number) => {
  const Action = ['kafka-cluster:WriteData', 'kafka-cluster:CreateTopic', 'kafka-cluster:DeleteTopic']
  const Statement = [{ Sid: `Since${at}`, Effect: 'Deny', Action, Resource: topics }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: policy, PolicyDocument }))
}

const allow = async (iam: IAMClient, role: string, policy: string): Promise<void> => {
  try {
    await iam.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: policy }))
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error // somebody else was faster
  }
}

export const handler = createHandler(JSON.parse(process.env['FENCED'] ?? '{}'))
