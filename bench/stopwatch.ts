/** Time and CPU of this process while it runs, all of its threads included. */
export class Stopwatch {
  seconds = 0
  cpuSeconds = 0

  measure<Answer>(work: () => Answer): Answer {
    const stop = this.#start()
    try {
      return work()
    } finally {
      stop()
    }
  }

  async measureAsync<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const stop = this.#start()
    try {
      return await work()
    } finally {
      stop()
    }
  }

  #start(): () => void {
    const began = performance.now()
    const cpu = process.cpuUsage()
    return () => {
      const { user, system } = process.cpuUsage(cpu)
      this.cpuSeconds += (user + system) / 1e6
      this.seconds += (performance.now() - began) / 1000
    }
  }
}

/** The most memory that this process has had. */
export const peakMemoryBytes = (): number => process.resourceUsage().maxRSS * 1024
