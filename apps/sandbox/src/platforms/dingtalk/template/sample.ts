import type { JsonObject } from '#sandbox/json.ts'

/** The id under which the default seed keeps it. */
export const SAMPLE_TEMPLATE_ID = '5a3d0b0e-0000-4000-8000-00c0de00c0de.schema'

/**
 * A small approval card in the import format of the card platform (section 5.11 of the protocol notes), for whoever has no
 * template of their own. Its component names and properties are those of exported templates.
 */
export function sampleTemplate(): JsonObject {
  const root = component('Card', 'node_card', {}, [
    component('CardHeaderV2', 'node_header', { title: textOf('title') }),
    component('BaseText', 'node_facts', { text: textOf('facts') }),
    component('Divider', 'node_line', {}),
    component('Markdown', 'node_description', { content: markdown('description') }),
    component('BaseText', 'node_feedback', {
      text: textOf('feedback'),
      visible: visibleWhen('feedback', 'isNotEmpty'),
    }),
    component('ButtonList', 'node_buttons', {
      direction: 'horizontal',
      visible: visibleWhen('canDecide', 'isTrue'),
      buttons: {
        type: 'button',
        list: buttons(),
      },
    }),
    component('Form', 'node_reject', {
      id: 'form',
      submitText: textOf('rejectText'),
      formSchema: { type: 'variableValue', variable: 'rejectForm', variableType: 'global' },
      params: [fixed('action', 'reject'), variable('proof')],
      actionType: 'request',
      visible: visibleWhen('canDecide', 'isTrue'),
    }),
    component('SingleButton', 'node_result', {
      text: textOf('statusText'),
      status: { type: 'dynamicSelect', valueType: 'fixed', value: 'disabled' },
      actionType: 'none',
      visible: visibleWhen('status', 'notEqual', 'pending'),
    }),
  ])
  const editor = {
    schemaVersion: '3.0.0',
    schema: { version: '1.0.0', componentsMap: [], componentsTree: [root], i18n: {} },
    mockData: { cardData: {}, cardPrivateData: {}, localData: {}, richTextData: {} },
    editVersion: 0,
    customWidgetInfo: '',
    useCustomWidgetInfo: false,
    variableList: listedVariables(),
    formList: [],
    expList: [],
    localList: [],
    hsfList: [],
    lwpList: [],
    extension: { extendType: 'NORMAL', fileTypeList: [] },
  }
  return { editorData: JSON.stringify(editor), widgetInfo: '', type: 'im', mode: 'card' }
}

function buttons(): JsonObject[] {
  return [
    {
      id: '1',
      text: textOf('approveText'),
      status: 'normal',
      color: 'blue',
      actionType: 'request',
      actionId: text('approve'),
      params: [fixed('action', 'approve'), variable('proof')],
      successToast: textOf('approveToast'),
      failureToast: text(''),
      successCondition: { op: 'and', conditions: [] },
    },
    {
      id: '2',
      text: textOf('openText'),
      status: 'normal',
      color: 'gray',
      actionType: 'url',
      urlType: 'all',
      url: { type: 'dynamicLink', value: '', valueType: 'variable', variable: 'link', variableType: 'global' },
    },
  ]
}

function listedVariables(): JsonObject[] {
  return [
    ...['lastMessage', 'title', 'facts', 'description', 'status', 'link'].map((name) => listed(name, false)),
    ...['canDecide', 'proof', 'feedback', 'approveText', 'approveToast', 'rejectText', 'openText', 'statusText'].map(
      (name) => listed(name, true),
    ),
    listed('rejectForm', true, 'form'),
  ]
}

function component(componentName: string, id: string, props: JsonObject, children: JsonObject[] = []): JsonObject {
  return { componentName, id, title: '', hidden: false, isLocked: false, condition: true, props, children }
}

function text(content: string): JsonObject {
  return { type: 'dynamicString', content, i18n: false }
}

function textOf(name: string): JsonObject {
  return text(`\${${name}}`)
}

function markdown(name: string): JsonObject {
  const value = { type: 'dynamicMarkdown', valueType: 'variable', value: '', variable: name, variableType: 'global' }
  return { defaultLang: 'zh_Hans', i18n: false, content: { zh_Hans: value } }
}

function fixed(name: string, value: string): JsonObject {
  return { id: name, name, type: 'fixed', value, variable: '', variableType: 'global' }
}

function variable(name: string): JsonObject {
  return { id: name, name, type: 'variable', value: '', variable: name, variableType: 'global' }
}

function visibleWhen(name: string, op: string, value = ''): JsonObject {
  const conditions = [{ type: 'variable', variable: name, variableType: 'global', op, value, valueType: 'fixed' }]
  return { type: 'dynamicVisible', value: true, valueType: 'condition', condition: { op: 'and', conditions } }
}

function listed(name: string, isPrivate: boolean, type = 'string'): JsonObject {
  return { id: name, name, type, private: isPrivate, description: '', editorVarType: 'variables' }
}
