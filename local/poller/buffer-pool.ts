const SMALLEST_BYTES = 64 * 1024

const sizeClass = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, SMALLEST_BYTES)))

/**
 * Large buffers for reuse. V8 counts them against a heap that is small here, so that allocating them anew keeps the
 * garbage collector busy most of the time. A buffer that is never given back is merely collected.
 */
export class BufferPool {
  readonly #free = new Map<number, Buffer[]>()

  /** At least so long, with whatever was in it before. */
  take(bytes: number): Buffer {
    const size = sizeClass(bytes)
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size)
  }

  /** Only what `take` returned, whole, and only when nobody looks at it any more. */
  give(buffer: Buffer): void {
    const free = this.#free.get(buffer.length)
    if (free === undefined) this.#free.set(buffer.length, [buffer])
    else free.push(buffer)
  }
}
