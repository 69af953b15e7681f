import { runCli } from '@countersign/server'

/** The file that an administrator imports into DingTalk's card platform, as the command line writes it. */
export async function cardTemplate(folder: string): Promise<string> {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  await runCli(['dingtalk-template'], { folder, variables: {}, out: say, complain: say })
  return lines.join('\n')
}
