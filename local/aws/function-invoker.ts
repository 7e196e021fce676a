import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { Invoke } from '../poller/invocations.ts'
import type { InvokeResult } from '../poller/verdict.ts'
import { clientSettings } from './deployed-stack.ts'

const TIMED_OUT = /Task timed out after/

/** What Lambda answered; a function that failed answers with a payload that says how. */
const resultOf = (functionError: string | undefined, payload: Buffer): InvokeResult => {
  if (functionError === undefined) return { kind: 'succeeded', response: payload }
  const reason = payload.toString()
  return TIMED_OUT.test(reason) ? { kind: 'timed-out' } : { kind: 'failed', reason }
}

/** Invokes deployed functions of one region through the local AWS, which sees to their timeout. */
export const functionInvoker = (endpoint: string, region: string): { readonly invoke: Invoke; close(): void } => {
  const client = new LambdaClient({ ...clientSettings(endpoint, region), maxAttempts: 1 })
  const invoke: Invoke = async (payload, { functionName, signal }) => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: payload })
    const { FunctionError: error, Payload: answer } = await client.send(command, { abortSignal: signal })
    return resultOf(error, Buffer.from(answer ?? []))
  }
  return { invoke, close: () => client.destroy() }
}
