interface Due {
  readonly at: number
  readonly happen: () => void
}

/** Time that passes only when somebody lets it; what was due by then has happened in its order. */
export class VirtualClock {
  #now: number
  #due: readonly Due[] = []

  constructor(now = Date.parse('2030-01-01T00:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  later(ms: number, happen: () => void): void {
    this.#due = [...this.#due, { at: this.#now + ms, happen }]
  }

  pass(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = this.#due.filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)
      if (next === undefined) break
      this.#due = this.#due.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.happen()
    }
    this.#now = until
  }
}
