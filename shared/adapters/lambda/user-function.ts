import { ReplicationError } from '../../domain/errors.ts'
import type { UserAnswer, UserFunction } from '../../usecases/failover/fence-ports.ts'
import { createInvocationClient, invokeFunction } from './function-invocation.ts'

const LONGEST_DETAIL = 500

/** A function of the user's own. It is asked once a call: who does not answer in time has not said that it is done. */
export const userFunction = (name: string, region: string, client = createInvocationClient): UserFunction => ({
  name: `${name} in ${region}`,
  ask: async (request, deadline) => {
    const answersWithinMs = Math.max(1, deadline.at - Date.now())
    const asked = { region, name, stack: 'with it', answersWithinMs }
    return answerOf(await invokeFunction(asked, request, client(answersWithinMs, { region })), name)
  },
})

/** The same function in two regions: the second one is asked where the first has none of that name. */
export const eitherFunction = (first: UserFunction, second: UserFunction): UserFunction => ({
  name: first.name,
  ask: async (request, deadline) => {
    try {
      return await first.ask(request, deadline)
    } catch (error) {
      if (error instanceof ReplicationError && error.code === 'CONFIG_INVALID')
        return await second.ask(request, deadline)
      throw error
    }
  },
})

const answerOf = (answer: unknown, name: string): UserAnswer => {
  const { done, detail, gone }: Loose = typeof answer === 'object' && answer !== null ? answer : {}
  if (typeof done === 'boolean' && typeof detail === 'string')
    return { done, detail: detail.slice(0, LONGEST_DETAIL), ...(gone === true && { gone }) }
  const doing = `asking the function ${name}: its answer is not {"done": true or false, "detail": "a text"}`
  throw new ReplicationError('FUNCTION_FAILED', doing)
}

type Loose = { readonly [Field in keyof UserAnswer]?: unknown }
