import { runCli } from './run.ts'

process.exitCode = await runCli(process.argv.slice(2), {
  folder: process.cwd(),
  variables: undefined,
  out: (line) => console.log(line),
  complain: (line) => console.error(line),
})
