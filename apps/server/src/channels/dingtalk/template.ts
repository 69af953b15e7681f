import { type CardVariableName, cardVariables, isPrivate } from './card-variables.ts'
import {
  type Component,
  divider,
  form,
  GRAY,
  HEADING,
  is,
  isFilled,
  type Json,
  linkButton,
  ORANGE,
  type Param,
  requestButton,
  row,
  SMALL,
  tag,
  text,
} from './template-parts.ts'

/* The card template that an administrator imports into the card platform (open-dev.dingtalk.com/fe/card). */

const isPending = is('status', 'pending')
/** Buttons need a person's own proof: whoever has none sees none. */
const mayDecide = [isPending, isFilled('proof')]

const sent = (action: 'approve' | 'reject'): Param[] => [
  { name: 'action', from: { fixed: action } },
  ...(['proof', 'ticketId', 'node', 'contentHash'] as const).map((name) => ({ name, from: { variable: name } })),
]

const riskColors = { low: 'blue', medium: 'orange', high: 'red' } as const
const statusColors = {
  pending: 'blue',
  approved: 'green',
  rejected: 'red',
  withdrawn: 'gray',
  expired: 'gray',
} as const

/** From top to bottom. */
const layout: readonly Component[] = [
  row('state', [
    ...Object.entries(riskColors).map(([risk, color]) => tag('riskText', color, [is('risk', risk)])),
    ...Object.entries(statusColors).map(([status, color]) => tag('statusText', color, [is('status', status)])),
    text('moduleText', { styleToken: SMALL, color: GRAY, maxLines: 1 }),
  ]),
  text('title', { styleToken: HEADING, maxLines: 4 }),
  text('feedback', { color: ORANGE }),
  text('result', { styleToken: HEADING }),
  text('comment'),
  text('summary', { color: GRAY }),
  text('facts'),
  text('factsNote', { styleToken: SMALL, color: ORANGE }),
  text('descriptionLabel', { styleToken: SMALL, color: GRAY }),
  text('description'),
  text('descriptionNote', { styleToken: SMALL, color: ORANGE }),
  text('codeLabel', { styleToken: SMALL, color: GRAY }),
  text('code'),
  text('codeNote', { styleToken: SMALL, color: ORANGE }),
  divider,
  text('progressLabel', { styleToken: SMALL, color: GRAY }),
  text('progress'),
  text('progressNote', { styleToken: SMALL, color: ORANGE }),
  text('consequenceLabel', { styleToken: SMALL, color: GRAY, when: [isPending] }),
  text('consequence', { when: [isPending] }),
  text('reviewText', { color: ORANGE, when: [isPending] }),
  requestButton('approveText', {
    actionId: 'approve',
    params: sent('approve'),
    when: [...mayDecide, is('decision', 'tap')],
  }),
  form('approveForm', {
    ...{ id: 'approveForm', label: 'approveText' },
    params: sent('approve'),
    when: [...mayDecide, is('decision', 'confirm')],
  }),
  form('rejectForm', { id: 'form', label: 'rejectText', params: sent('reject'), when: mayDecide }),
  linkButton('openText', 'link', 'pcLink'),
]

/** What stands nowhere in the layout: the platform reads it by its name. */
export const unseenVariables: ReadonlySet<CardVariableName> = new Set(['lastMessage', 'mine'])

/** The import file: JSON, with the editor's own data as text inside it. */
export function cardTemplate(): Json {
  return { editorData: JSON.stringify(editorData()), widgetInfo: '', type: 'im', mode: 'card' }
}

function editorData(): Json {
  const root = numbered({ componentName: 'Card', title: '', props: rootProps, children: layout })
  const names = Object.keys(cardVariables).filter(isVariableName)
  const samples = (wanted: (name: CardVariableName) => boolean): Json =>
    Object.fromEntries(names.filter(wanted).map((name) => [name, sample(name)]))
  return {
    schemaVersion: '3.0.0',
    schema: { version: '1.0.0', componentsMap: componentsMap(), componentsTree: [root], i18n: {} },
    mockData: { cardData: samples(() => true), cardPrivateData: samples(isPrivate), localData: {}, richTextData: {} },
    editVersion: 0,
    ...{ customWidgetInfo: '', useCustomWidgetInfo: false },
    variableList: names.map((name) => ({
      ...{ id: name, name, type: cardVariables[name].type, description: cardVariables[name].description },
      ...{ private: isPrivate(name), editorVarType: 'variables' },
    })),
    ...{ formList: [], expList: [], localList: [], hsfList: [], lwpList: [] },
    extension: {
      extendType: 'NORMAL',
      fileTypeList: [{ fileName: 'event_chain', fileSource: '{}', fileType: 'json' }],
    },
  }
}

const rootProps: Json = { actionType: 'none', enableClickEvent: false, disabledWhileForward: true }

const isVariableName = (name: string): name is CardVariableName => Object.hasOwn(cardVariables, name)

/** What the editor shows while nobody has sent a card. */
function sample(name: CardVariableName): string {
  if (cardVariables[name].type === 'form') {
    return JSON.stringify({ fields: [{ name: 'reason', label: 'Reason', type: 'TEXT_AREA', required: true }] })
  }
  const samples: Partial<Record<CardVariableName, string>> = {
    ...{ status: 'pending', risk: 'low', decision: 'tap', proof: 'proof' },
    ...{ title: '#1042 Export orders', link: 'https://approve.example.com', pcLink: 'https://approve.example.com' },
    ...{ approveText: 'Approve', rejectText: 'Reject', openText: 'Open ticket' },
  }
  return samples[name] ?? cardVariables[name].description
}

/** Ids that stay the same from one run to the next, so that two templates can be compared. */
function numbered(root: Component): Json {
  let count = 0
  const visit = ({ componentName, title, props, children = [] }: Component): Json => {
    count += 1
    const id = `node_countersign${count}`
    const state = { hidden: false, isLocked: false, condition: true, conditionGroup: '' }
    return { componentName, id, title, ...state, props, children: children.map(visit) }
  }
  return { ...visit(root), fileName: 'countersign', dataSource: { list: [] } }
}

function componentsMap(): Json[] {
  const namesOf = ({ componentName, children = [] }: Component): string[] => [
    componentName,
    ...children.flatMap(namesOf),
  ]
  return [...new Set(['Card', ...layout.flatMap(namesOf)])].map((componentName) => ({
    ...{ componentName, package: '@ali/dxComponent', version: '1.0.0', exportName: componentName },
    ...{ main: './src/index.tsx', destructuring: false, subName: '' },
  }))
}
