import { dependenciesOf } from '../../functions/replicate/dependencies.ts'
import { createHandler } from '../../functions/replicate/handler.ts'
import { parseReplicateConfig } from '../../shared/config/replicate-config.ts'

// The function with a clock at each of its ports; the calls of an invocation are logged instead of its report.

interface Call {
  readonly call: string
  readonly ms: number
}

let calls: Call[] = []

const timed = <Port extends object>(name: string, port: Port): Port =>
  new Proxy(port, {
    get: (of, member) => {
      const method: unknown = Reflect.get(of, member)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        const began = performance.now()
        try {
          return await method.apply(of, args)
        } finally {
          calls.push({ call: `${name}.${String(member)}`, ms: performance.now() - began })
        }
      }
    },
  })

const { source, target, state, ...others } = dependenciesOf(parseReplicateConfig(process.env))

const replicate = createHandler({
  ...others,
  source: timed('source', source),
  target: timed('target', target),
  state: timed('state', state),
  alarm: () => undefined,
  report: () => undefined,
})

export const handler: typeof replicate = async (event, context) => {
  calls = []
  await replicate(event, context)
  console.log(`calls ${JSON.stringify(calls)}`)
}
