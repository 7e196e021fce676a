import { startProcess } from '../../local/machine/owned-process.ts'

// A parent for owned-process.test.ts: owns a shell that has a child of its own, tells both pids, and ends as it is told.
startProcess('sh', ['-c', 'sleep 600 & echo $$ $!; wait'], { onOutput: (text) => process.stdout.write(text) })
process.stdin.on('data', () => process.exit(0))
