import { once } from 'node:events'
import { constants, createWriteStream, existsSync } from 'node:fs'
import { copyFile, link, unlink } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { ReplicationError } from '../shared/domain/errors.ts'
import { UsageError } from './usage-error.ts'

/** Where records go, one after the other; nothing piles up in memory while they cannot be taken. */
export interface RecordOutput {
  /** `left`: whoever read them reads no longer, as `head` does. */
  write(text: string): Promise<'written' | 'left'>
  /** `whole`: all that was wanted is there. Answers where it is, for people. */
  close(whole: boolean): Promise<string>
}

/** One text after the other. A stream that has failed drains no more, so it is never waited for again. */
class StreamWriter {
  failure: NodeJS.ErrnoException | undefined
  readonly #stream: NodeJS.WritableStream

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
    stream.on('error', this.fail)
  }

  readonly fail = (error: NodeJS.ErrnoException): void => {
    this.failure ??= error
  }

  async write(text: string): Promise<void> {
    if (this.failure === undefined && !this.#stream.write(`${text}\n`))
      await once(this.#stream, 'drain').catch(this.fail)
  }
}

/** Standard output, which stays open. */
export const streamOutput = (stream: NodeJS.WritableStream): RecordOutput => {
  const writer = new StreamWriter(stream)
  return {
    write: async (text) => {
      await writer.write(text)
      if (writer.failure === undefined) return 'written'
      if (writer.failure.code === 'EPIPE') return 'left'
      throw unwritable('standard output', writer.failure)
    },
    close: async () => 'standard output',
  }
}

const unwritable = (where: string, failure: Error): ReplicationError =>
  new ReplicationError('OUTPUT_UNWRITABLE', `writing ${where}: ${failure.message}`, { cause: failure })

/**
 * A file that only its owner may read, which has its name only once it is whole: until then, or after a death, it ends in
 * `.part`. Where the disk has no hard links one that is whole is copied to its name, and has that once `.part` is gone.
 * Throws a `UsageError` where there is one already.
 */
export const fileOutput = async (file: string): Promise<RecordOutput> => {
  const part = `${file}.part`
  if (existsSync(file)) throw new UsageError(`--output: ${file} is there already`)
  const stream = createWriteStream(part, { flags: 'wx', mode: 0o600 })
  await once(stream, 'open').catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'EEXIST' ? 'it is there already: somebody else writes it, or died; remove it' : error.message
    throw new UsageError(`--output: opening ${part}: ${why}`)
  })
  const writer = new StreamWriter(stream)
  const unlessFailed = async (done: Promise<unknown>): Promise<void> => {
    await done.catch(writer.fail)
    if (writer.failure !== undefined) throw unwritable(part, writer.failure)
  }
  return {
    write: async (text) => {
      await unlessFailed(writer.write(text))
      return 'written'
    },
    close: async (whole) => {
      await unlessFailed(finished(stream.end()))
      if (!whole) return part
      await giveName(part, file)
      return file
    },
  }
}

/** What `link` says on a disk that has no hard links, as of shares and memory cards. */
const HAS_NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** Unlike a rename, neither takes a name that somebody has given to another file meanwhile. */
const linkOrCopy = (part: string, file: string): Promise<void> =>
  link(part, file).catch((error: NodeJS.ErrnoException) => {
    if (!HAS_NO_LINKS.includes(error.code)) throw error
    return copyFile(part, file, constants.COPYFILE_EXCL)
  })

const giveName = async (part: string, file: string): Promise<void> => {
  await linkOrCopy(part, file).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'somebody else has made a file of that name meanwhile' : error.message
    const doing = `naming ${file}: ${why}; all records are in ${part}: give it another name`
    throw new ReplicationError('OUTPUT_UNWRITABLE', doing, { cause: error })
  })
  await unlink(part).catch((error: Error) => {
    const doing = `removing ${part}, whose records have their name, ${file}: ${error.message}`
    throw new ReplicationError('OUTPUT_UNWRITABLE', doing, { cause: error })
  })
}
