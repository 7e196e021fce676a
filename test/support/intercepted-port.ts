/** What comes between a caller and a method of a port; `call` is the method itself. */
export type Around = (method: string, args: readonly unknown[], call: () => unknown) => Promise<unknown>

/** A port each call of which passes through `around`; what is no method is left as it is. */
export const intercepted = <Port extends object>(port: Port, around: Around): Port =>
  new Proxy(port, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => around(String(name), args, () => member.apply(of, args))
    },
  })

/** Falls asleep before its `at`-th call of any port, and does that call only when it is woken. */
export class Sleeper {
  readonly #at: number
  readonly #asleep = Promise.withResolvers<void>()
  readonly #awake = Promise.withResolvers<void>()
  #calls = 0

  constructor(at: number) {
    this.#at = at
  }

  get asleep(): Promise<void> {
    return this.#asleep.promise
  }

  wake(): void {
    this.#awake.resolve()
  }

  wrap<Port extends object>(port: Port): Port {
    return intercepted(port, async (_method, _args, call) => {
      if (++this.#calls === this.#at) {
        this.#asleep.resolve()
        await this.#awake.promise
      }
      return await call()
    })
  }
}
