import { runProcess } from '../local/machine/owned-process.ts'

/** Stands before the figures on the one line of output that counts; whatever else is logged goes by. */
const FIGURES_MARK = 'figures '

export const printFigures = (figures: object): void => console.log(FIGURES_MARK + JSON.stringify(figures))

/** Runs a file of the bench in a Node of its own, with a job as its argument, and returns the figures it prints. */
export const runMeasured = async <Figures>(
  file: string,
  job: object,
  nodeOptions: readonly string[] = [],
): Promise<Figures> => {
  const output = await runProcess(process.execPath, [...nodeOptions, file, JSON.stringify(job)])
  const line = output.split('\n').findLast((text) => text.startsWith(FIGURES_MARK))
  if (line === undefined) throw new Error(`running ${file}: it printed no figures\n${output.slice(-2000)}`)
  return JSON.parse(line.slice(FIGURES_MARK.length)) as Figures
}
