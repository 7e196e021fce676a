import { runProcess } from './owned-process.ts'

interface Prerequisite {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** Reads the version out of what the command prints; undefined when the command is not what it seems. */
  readonly version: RegExp
  readonly atLeast: readonly [number, number]
  readonly remedy: string
}

const PREREQUISITES: readonly Prerequisite[] = [
  {
    name: 'Java 17 or newer',
    command: ['java', '-version'],
    version: /version "(\d+)(?:\.(\d+))?/,
    atLeast: [17, 0],
    remedy:
      'Debian, Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk; all: https://adoptium.net',
  },
  {
    name: 'Apache Maven 3.6 or newer',
    command: ['mvn', '-B', '-version'],
    version: /Apache Maven (\d+)\.(\d+)/,
    atLeast: [3, 6],
    remedy: 'Debian, Ubuntu: apt install maven; macOS: brew install maven; all: https://maven.apache.org/download.cgi',
  },
  {
    name: 'Python 3.10 or newer with venv',
    command: ['python3', '-c', 'import ensurepip, venv, sys; print("Python %d.%d" % sys.version_info[:2])'],
    version: /Python (\d+)\.(\d+)/,
    atLeast: [3, 10],
    remedy: 'Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python; all: https://www.python.org',
  },
]

/** What a prerequisite's command printed; undefined when it could not be run. */
export type CommandOutput = string | undefined

const isOldEnough = (output: string, { version, atLeast }: Prerequisite): boolean => {
  const [, major = '0', minor = '0'] = version.exec(output) ?? []
  return Number(major) > atLeast[0] || (Number(major) === atLeast[0] && Number(minor) >= atLeast[1])
}

/** One message that names everything that is missing and how to get it; undefined when nothing is missing. */
export const explainMissing = (outputOf: (command: string) => CommandOutput): string | undefined => {
  const missing = PREREQUISITES.filter((prerequisite) => {
    const output = outputOf(prerequisite.command[0])
    return output === undefined || !isOldEnough(output, prerequisite)
  })
  if (missing.length === 0) return undefined
  const lines = missing.map(({ name, remedy }) => `  - ${name}\n      ${remedy}`)
  return ['The local world needs what this machine does not have on its PATH:', ...lines].join('\n')
}

const outputOf = async ([command, ...args]: Prerequisite['command']): Promise<CommandOutput> => {
  try {
    return await runProcess(command, args)
  } catch {
    return undefined // not installed, or it does not run: both are answered by the remedy
  }
}

/** Throws one error that names everything that is missing. */
export const checkPrerequisites = async (): Promise<void> => {
  const outputs = await Promise.all(
    PREREQUISITES.map(async ({ command }) => [command[0], await outputOf(command)] as const),
  )
  const explanation = explainMissing((command) => new Map(outputs).get(command))
  if (explanation !== undefined) throw new Error(explanation)
}
