import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { ProcessFigures } from '../process-figures.ts'

/** Something that copies a topic from one cluster to another, from its beginning or where it was, until it is stopped. */
export interface RunningCopier {
  /** Of each of its processes, by its role. */
  figures(): Readonly<Record<string, ProcessFigures>>
  /** An orderly end; started again for the same task, it goes on where it was. */
  stop(): Promise<void>
  /** SIGKILL to all of its processes. */
  kill(): Promise<void>
}

export interface CopyTask {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly topic: string
  /** Exists, empty. */
  readonly targetTopic: string
  /** Given to nobody else. */
  readonly alias: string
  readonly folder: string
}

export interface Copier {
  readonly name: string
  /** What it was told, for the reader. */
  readonly settings: string
  /** Starts it; whatever it remembers is kept under the task's alias. */
  start(task: CopyTask): Promise<RunningCopier>
}

/** Where every copier puts its copy, which is where MirrorMaker does by default. */
export const copyOf = (alias: string, topic: string): string => `${alias}.${topic}`
