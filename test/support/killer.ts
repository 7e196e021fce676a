/** Dies at the given call of any port, before or after its effect; whatever is called after that never comes about. */
export class Killer {
  calls = 0
  readonly #at: number
  readonly #when: 'before' | 'after'
  #dead = false

  constructor(at: number, when: 'before' | 'after') {
    this.#at = at
    this.#when = when
  }

  get hasKilled(): boolean {
    return this.#dead
  }

  wrap<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name)
        return typeof member !== 'function' ? member : (...args: unknown[]) => this.#call(() => member.apply(of, args))
      },
    })
  }

  async #call(effect: () => unknown): Promise<unknown> {
    const due = ++this.calls === this.#at
    if (this.#dead || (due && this.#when === 'before')) return this.#die()
    const result = await effect()
    return due ? this.#die() : result
  }

  #die(): Promise<never> {
    this.#dead = true
    return Promise.reject(new Error('killed'))
  }
}

/** Every call that an undisturbed run makes, before its effect and after it. */
export const killPoints = ({ calls }: Killer): readonly (readonly [at: number, when: 'before' | 'after'])[] =>
  Array.from({ length: calls }, (_, at) => at + 1).flatMap((at) =>
    (['before', 'after'] as const).map((when) => [at, when] as const),
  )
