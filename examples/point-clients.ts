import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

/**
 * A switch of one's own: applications that take their bootstrap servers from a parameter of their own making when they start
 * find those of the active cluster there. A fence answers the same way, to `fence`, `prove` and `lift`.
 */
export interface SwitchRequest {
  readonly action: 'switch'
  readonly pair: string
  readonly from: string
  /** The cluster that is active from now on. */
  readonly to: string
  readonly epoch: number
  readonly execution: string
}

export interface SwitchOptions {
  readonly parameter: string
  /** By name of the cluster. */
  readonly bootstrapServers: Readonly<Record<string, string>>
}

export const createHandler =
  ({ parameter, bootstrapServers }: SwitchOptions, ssm = new SSMClient()) =>
  async ({ to, epoch }: SwitchRequest): Promise<{ readonly done: boolean; readonly detail: string }> => {
    const servers = bootstrapServers[to]
    if (servers === undefined) return { done: false, detail: `nobody has said where ${to} is` }
    const there = await epochOf(ssm, parameter)
    if (there >= epoch) return { done: there === epoch, detail: `${parameter} is in epoch ${there}` } // asked again, or late
    const Value = JSON.stringify({ epoch, bootstrapServers: servers })
    await ssm.send(new PutParameterCommand({ Name: parameter, Value, Type: 'String', Overwrite: true }))
    return { done: true, detail: `${parameter} leads to ${to}` }
  }

const epochOf = async (ssm: SSMClient, parameter: string): Promise<number> => {
  try {
    const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name: parameter }))
    return Number(JSON.parse(found?.Value ?? '{}').epoch ?? 0)
  } catch (error) {
    if (error instanceof ParameterNotFound) return 0
    throw error
  }
}

export const handler = createHandler({
  parameter: process.env['PARAMETER'] ?? '/orders/bootstrap-servers',
  bootstrapServers: JSON.parse(process.env['BOOTSTRAP_SERVERS'] ?? '{}'),
})
