/** Throws why an answer is not what it should be. */
export type Refuse = (because: string) => never

/** What a function answered, field by field; what is there has to be of its kind. */
export class AnswerReading {
  readonly #fields: object
  readonly #where: string
  readonly #refuse: Refuse

  constructor(answer: unknown, refuse: Refuse, where = 'it') {
    this.#refuse = refuse
    this.#where = where
    this.#fields = typeof answer === 'object' && answer !== null ? answer : refuse(`${where} is no object`)
  }

  text(name: string): string {
    const value = this.#value(name)
    return typeof value === 'string' ? value : this.#wrong(name, 'a text')
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.#value(name)
    return words.find((word) => word === value) ?? this.#wrong(name, `one of ${words.join(', ')}`)
  }

  count(name: string): number {
    return this.maybeCount(name) ?? this.#wrong(name, 'a number')
  }

  maybeCount(name: string): number | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#wrong(name, 'a number')
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((item) => (typeof item === 'string' ? item : this.#wrong(name, 'a list of texts')))
  }

  counts(name: string): readonly number[] {
    return this.#list(name).map((item) => (typeof item === 'number' ? item : this.#wrong(name, 'a list of numbers')))
  }

  part(name: string): AnswerReading {
    return new AnswerReading(this.#value(name), this.#refuse, `${this.#where}.${name}`)
  }

  maybePart(name: string): AnswerReading | undefined {
    return this.#value(name) === undefined ? undefined : this.part(name)
  }

  parts(name: string): readonly AnswerReading[] {
    return this.#list(name).map((item) => new AnswerReading(item, this.#refuse, `${this.#where}.${name}`))
  }

  #list(name: string): readonly unknown[] {
    const value = this.#value(name)
    return Array.isArray(value) ? value : this.#wrong(name, 'a list')
  }

  #value(name: string): unknown {
    return Reflect.get(this.#fields, name)
  }

  #wrong(name: string, kind: string): never {
    return this.#refuse(`${this.#where}.${name} is not ${kind}`)
  }
}
