import type { LocalCluster } from '../../local/cluster.ts'
import type { ProcessFigures } from '../process-figures.ts'

/** Something that copies a topic from one cluster to another, from its beginning, until it is stopped. */
export interface RunningCopier {
  /** Of each of its processes, by its role. */
  figures(): Readonly<Record<string, ProcessFigures>>
  stop(): Promise<void>
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
  start(task: CopyTask): Promise<RunningCopier>
}

/** Where every copier puts its copy, which is where MirrorMaker does by default. */
export const copyOf = (alias: string, topic: string): string => `${alias}.${topic}`
