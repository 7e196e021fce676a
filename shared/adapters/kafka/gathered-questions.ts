/** Answers `keys`, which nobody asked twice; a key that is not in the map has no answer. */
export type AnswerAll<Key, Answer> = (
  keys: readonly Key[],
  signals: readonly AbortSignal[],
) => Promise<ReadonlyMap<Key, Answer>>

interface Gathering<Key, Answer> {
  readonly keys: Set<Key>
  readonly signals: Set<AbortSignal>
  readonly answers: Promise<ReadonlyMap<Key, Answer>>
}

/** Turns the questions of one tick into one request. */
export class GatheredQuestions<Key, Answer> {
  readonly #answerAll: AnswerAll<Key, Answer>
  #gathering: Gathering<Key, Answer> | undefined

  constructor(answerAll: AnswerAll<Key, Answer>) {
    this.#answerAll = answerAll
  }

  /** Rejects as the request does. When the signal of one asker fires, the request ends for all of them. */
  async ask(key: Key, signal: AbortSignal): Promise<Answer | undefined> {
    const gathering = this.#gathering ?? this.#gather()
    gathering.keys.add(key)
    gathering.signals.add(signal)
    return (await gathering.answers).get(key)
  }

  #gather(): Gathering<Key, Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<Key, Answer>>()
    const gathering = { keys: new Set<Key>(), signals: new Set<AbortSignal>(), answers: promise }
    this.#gathering = gathering
    setImmediate(() => {
      this.#gathering = undefined
      this.#answerAll([...gathering.keys], [...gathering.signals]).then(resolve, reject)
    })
    return gathering
  }
}
