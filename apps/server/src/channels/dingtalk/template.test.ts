import { describe, expect, it } from 'vitest'
import { cardModel } from '../_card-model.ts'
import { drawCard, templateData } from './_draw-card.ts'
import { type CardSetting, privateData, publicData } from './card-data.ts'
import { cardVariables, isPrivate } from './card-variables.ts'
import { cardTemplate, unseenVariables } from './template.ts'

const setting: CardSetting = { corpId: 'ding1', prove: () => 'proof' }
const names = Object.keys(cardVariables).sort()

interface Variable {
  name: string
  id: string
  type: string
  private: boolean
  description: string
}

describe('the card template', () => {
  it('is the import file of the card platform', () => {
    const template = cardTemplate()
    expect(Object.keys(template)).toEqual(['editorData', 'widgetInfo', 'type', 'mode'])
    expect(template).toMatchObject({ type: 'im', mode: 'card', editorData: expect.any(String), widgetInfo: '' })
    expect(templateData()).toMatchObject({ schemaVersion: '3.0.0', schema: { version: '1.0.0', i18n: {} } })
  })

  it('declares exactly the variables that the server fills', () => {
    const filled = [
      ...Object.keys(publicData(cardModel(), setting)),
      ...Object.keys(privateData(cardModel(), 'alice', setting)),
    ]
    const declared = templateData().variableList as Variable[]
    expect(filled.sort()).toEqual(names)
    expect(declared.map(({ name }) => name).sort()).toEqual(names)
    for (const variable of declared) {
      expect(variable).toMatchObject({ id: variable.name, description: expect.stringMatching(/./) })
    }
  })

  it('marks as private what each person has of their own, and nothing else', () => {
    const own = Object.keys(privateData(cardModel(), 'alice', setting)).sort()
    const declared = templateData().variableList as Variable[]
    const marked = declared.filter((variable) => variable.private).map(({ name }) => name)
    expect(marked.sort()).toEqual(own)
    expect(names.filter((name) => isPrivate(name as keyof typeof cardVariables))).toEqual(own)
  })

  it('shows every variable, but for those that the platform or a reader of the data looks for by name', () => {
    const { variables } = drawCard(publicData(cardModel(), setting), privateData(cardModel(), 'alice', setting))
    expect([...variables, ...unseenVariables].sort()).toEqual(names)
  })

  it('says which components it is made of, each with an id of its own', () => {
    const { componentsMap, componentsTree } = templateData().schema as {
      componentsMap: { componentName: string }[]
      componentsTree: Node[]
    }
    const all = componentsTree.flatMap(flatten)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ componentName }) => componentName))).toEqual(
      new Set(componentsMap.map(({ componentName }) => componentName)),
    )
  })

  it('interprets nothing that people wrote as markdown', () => {
    const { componentsMap } = templateData().schema as { componentsMap: { componentName: string }[] }
    expect(componentsMap.map(({ componentName }) => componentName)).not.toContain('Markdown')
    const types = (templateData().variableList as Variable[]).map(({ type }) => type)
    expect(new Set(types)).toEqual(new Set(['string', 'form']))
  })

  it('is the same each time', () => {
    expect(cardTemplate()).toEqual(cardTemplate())
  })
})

interface Node {
  id: string
  componentName: string
  children: Node[]
}

function flatten(node: Node): Node[] {
  return [node, ...node.children.flatMap(flatten)]
}
