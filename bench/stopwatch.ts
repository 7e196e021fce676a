/** Time and CPU of this process while it runs, all of its threads included. */
export class Stopwatch {
  seconds = 0
  cpuSeconds = 0

  async measure<Answer>(work: () => Promise<Answer> | Answer): Promise<Answer> {
    const began = performance.now()
    const cpu = process.cpuUsage()
    try {
      return await work()
    } finally {
      const { user, system } = process.cpuUsage(cpu)
      this.cpuSeconds += (user + system) / 1e6
      this.seconds += (performance.now() - began) / 1000
    }
  }
}

/** The most memory that this process has had. */
export const peakMemoryBytes = (): number => process.resourceUsage().maxRSS * 1024
