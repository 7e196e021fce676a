/**
 * Reads fields of a parsed JSON object and notes every one that is missing or wrong, so that all of them are reported at
 * once. What a method returns after a problem only fills the place; whoever reads must throw when there are problems.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #problems: string[]

  constructor(value: unknown, path: string, problems: string[]) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject) problems.push(`${path} must be a JSON object`)
    this.#values = isObject ? Object.fromEntries(Object.entries(value)) : {}
    this.#path = path
    this.#problems = problems
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined
  }

  text(name: string): string {
    const value = this.#values[name]
    return typeof value === 'string' && value !== '' ? value : this.#problem(name, 'a text', '')
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name]
    const isTexts =
      Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '')
    return isTexts ? value : this.#problem(name, 'a list of texts', [])
  }

  flag(name: string): boolean {
    const value = this.#values[name]
    return typeof value === 'boolean' ? value : this.#problem(name, 'true or false', false)
  }

  positiveInteger(name: string): number {
    const value = this.#values[name]
    return Number.isSafeInteger(value) && Number(value) > 0
      ? Number(value)
      : this.#problem(name, 'a whole number above 0', 1)
  }

  oneOf<const T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const choice = choices.find((one) => one === this.#values[name])
    return choice ?? this.#problem(name, `one of ${choices.join(', ')}`, choices[0])
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], `${this.#path}.${name}`, this.#problems)
  }

  #problem<T>(name: string, wanted: string, fallback: T): T {
    this.#problems.push(`${this.#path}.${name} must be ${wanted}${this.has(name) ? '' : ', and is missing'}`)
    return fallback
  }
}
