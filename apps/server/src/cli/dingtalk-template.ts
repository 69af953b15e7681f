import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cardTemplate } from '#server/channels/dingtalk/template.ts'
import { type Command, CommandFailed } from './command.ts'

export const dingtalkTemplate: Command = {
  name: 'dingtalk-template',
  usage: '[file]',
  summary: 'write the card template to import into the DingTalk card platform',
  takes: [0, 1],
  async run({ folder, arguments: [file], out }) {
    const template = JSON.stringify(cardTemplate(), null, 2)
    if (file === undefined) {
      out(template)
      return
    }
    try {
      writeFileSync(resolve(folder, file), `${template}\n`)
    } catch (error) {
      throw new CommandFailed(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
    }
    out(`The card template is in ${file}.`)
  },
}
