import type { Target } from '../bench-part.ts'
import { formatFigure } from '../spread.ts'
import type { Table } from '../table.ts'
import type { GroupPassFigures } from './group-pass-server.ts'
import { type GroupScale, SCALE_PARTITIONS } from './group-scale.ts'

const MEBIBYTE = 1024 ** 2
const MINUTE_SECONDS = 60
const FUNCTION_MIB = 512

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)
const whole = (figure: number): string => figure.toLocaleString('en-US')
const requestsOf = ({ requests }: GroupPassFigures): number => sum(Object.values(requests))

/** The passes of one size, by what they had to do. */
const passesOf = ({ groups, first, steady, again }: GroupScale): readonly (readonly [string, GroupPassFigures])[] => [
  [`${groups} groups, all new`, first],
  [`${groups} groups, nothing to do`, steady],
  [`${groups} groups, all committed anew`, again],
]

const figuresOf = (scale: GroupScale): readonly GroupPassFigures[] => passesOf(scale).map(([, pass]) => pass)

const passesTable = (scales: readonly GroupScale[]): Table => ({
  title: `One pass over groups that committed in ${SCALE_PARTITIONS} partitions of four transactional topics`,
  columns: ['groups', 's', 'CPU s', 'positions moved', 'requests', 'peak MiB so far'],
  rows: scales
    .flatMap(passesOf)
    .map(([what, pass]) => [
      what,
      formatFigure(pass.seconds),
      formatFigure(pass.cpuSeconds),
      whole(pass.positionsMoved),
      whole(requestsOf(pass)),
      formatFigure(pass.peakMemoryBytes / MEBIBYTE),
    ]),
})

const requestsTable = (scales: readonly GroupScale[]): Table => {
  const passes = scales.flatMap(passesOf)
  const kinds = [...new Set(passes.flatMap(([, { requests }]) => Object.keys(requests)))].sort()
  const columns = passes.map(([what]) => what)
  const rows = kinds.map((kind) => [kind, ...passes.map(([, { requests }]) => whole(requests[kind] ?? 0))])
  return { title: 'Requests of one pass by kind', columns: ['request', ...columns], rows }
}

export const scaleTables = (scales: readonly GroupScale[]): readonly Table[] => [
  passesTable(scales),
  requestsTable(scales),
]

const atMost = (what: string, wanted: string, measured: number, most: number): Target => ({
  what,
  wanted,
  measured: formatFigure(measured),
  held: measured <= most,
})

/** Every group has a position in every partition: a pass that moved less was not the one to measure. */
const movedAll = ({ groups, first, again }: GroupScale): Target => ({
  what: `positions moved of ${groups} groups, at first and when all committed anew`,
  wanted: `${whole(groups * SCALE_PARTITIONS)} each`,
  measured: `${whole(first.positionsMoved)} and ${whole(again.positionsMoved)}`,
  held: [first, again].every(({ positionsMoved }) => positionsMoved === groups * SCALE_PARTITIONS),
})

export const scaleTargets = (scales: readonly GroupScale[]): readonly Target[] => {
  const [smallest, largest] = [scales.at(0), scales.at(-1)]
  if (smallest === undefined || largest === undefined) return []
  const [passes, few] = [figuresOf(largest), figuresOf(smallest)]
  const size = `${largest.groups} groups in ${SCALE_PARTITIONS} partitions`
  const times = largest.groups / smallest.groups
  const longest = Math.max(...passes.map(({ seconds }) => seconds))
  const peakMiB = Math.max(...passes.map(({ peakMemoryBytes }) => peakMemoryBytes / MEBIBYTE))
  const growth = sum(passes.map(requestsOf)) / sum(few.map(requestsOf))
  return [
    atMost(`s the longest pass over ${size}`, 'its minute, 60', longest, MINUTE_SECONDS),
    atMost(`peak MiB over ${size}`, 'at most 512', peakMiB, FUNCTION_MIB),
    atMost(
      `requests at ${largest.groups} groups, in times of those at ${smallest.groups}`,
      `at most ${times}`,
      growth,
      times,
    ),
    movedAll(largest),
  ]
}
