/**
 * What a 2.0 card may consist of: every component with the properties the platform knows. Anything else in a 2.0 card
 * is an error (card-json-v2-0-breaking-changes-release-notes.md), so this table is the strictness.
 */
export interface ComponentSpec {
  properties: readonly string[]
  required?: readonly string[]
  /** Properties holding more components. */
  children?: readonly string[]
  /** Takes input or a press, so inside a form it must have a name. */
  isInteractive?: boolean
  /** Allowed values by property. */
  values?: Readonly<Record<string, readonly unknown[]>>
}

const layout = [
  'direction',
  'padding',
  'margin',
  'horizontal_spacing',
  'horizontal_align',
  'vertical_spacing',
  'vertical_align',
]
const behaviour = ['behaviors', 'confirm', 'disabled', 'disabled_tips', 'hover_tips']
const field = ['name', 'required', 'width', 'margin', 'placeholder', 'value', 'type', ...behaviour]
const choice = [...field, 'options', 'initial_option', 'initial_index', 'selected_values']
const moment = [...field, 'initial_date', 'initial_time', 'initial_datetime', 'value_format']
const directions = ['vertical', 'horizontal']

export const buttonTypes = [
  'default',
  'primary',
  'danger',
  'text',
  'primary_text',
  'danger_text',
  'primary_filled',
  'danger_filled',
  'laser',
]

export const components: Readonly<Record<string, ComponentSpec>> = {
  markdown: {
    properties: ['margin', 'content', 'i18n_content', 'text_align', 'text_size', 'icon', 'href'],
    required: ['content'],
    values: { text_align: ['left', 'center', 'right'] },
  },
  div: { properties: ['margin', 'width', 'text', 'fields', 'icon'] },
  hr: { properties: ['margin'] },
  img: {
    properties: [
      'margin',
      'img_key',
      'i18n_img_key',
      'alt',
      'title',
      'corner_radius',
      'scale_type',
      'size',
      'transparent',
      'preview',
      'mode',
      'custom_width',
      'compact_width',
    ],
    required: ['img_key'],
  },
  img_combination: {
    properties: ['margin', 'combination_mode', 'combination_transparent', 'corner_radius', 'img_list'],
    required: ['img_list'],
  },
  person: { properties: ['margin', 'size', 'user_id', 'show_avatar', 'show_name', 'style'], required: ['user_id'] },
  person_list: {
    properties: [
      'margin',
      'lines',
      'drop_invalid_user_id',
      'show_avatar',
      'show_name',
      'size',
      'persons',
      'icon',
      'ud_icon',
    ],
    required: ['persons'],
  },
  chart: {
    properties: ['margin', 'aspect_ratio', 'color_theme', 'chart_spec', 'preview', 'height'],
    required: ['chart_spec'],
  },
  table: {
    properties: [
      'margin',
      'page_size',
      'row_height',
      'row_max_height',
      'freeze_first_column',
      'header_style',
      'columns',
      'rows',
    ],
    required: ['columns', 'rows'],
  },
  audio: { properties: ['margin', 'file_key', 'audio_id', 'show_time', 'style', 'width', 'fallback'] },
  column_set: {
    properties: [
      'margin',
      'horizontal_spacing',
      'horizontal_align',
      'flex_mode',
      'background_style',
      'columns',
      'action',
    ],
    required: ['columns'],
    children: ['columns'],
    values: {
      flex_mode: ['none', 'stretch', 'flow', 'bisect', 'trisect'],
      horizontal_align: ['left', 'center', 'right'],
    },
  },
  column: {
    properties: [...layout, 'background_style', 'width', 'weight', 'action', 'elements'],
    children: ['elements'],
    values: { direction: directions, vertical_align: ['top', 'center', 'bottom'] },
  },
  form: {
    properties: [...layout, 'name', 'confirm', 'elements'],
    required: ['name', 'elements'],
    children: ['elements'],
    values: { direction: directions },
  },
  interactive_container: {
    properties: [
      ...layout,
      ...behaviour,
      'name',
      'width',
      'height',
      'background_style',
      'has_border',
      'border_color',
      'corner_radius',
      'elements',
    ],
    required: ['elements'],
    children: ['elements'],
  },
  collapsible_panel: {
    properties: [...layout, 'expanded', 'background_color', 'header', 'border', 'elements'],
    required: ['header', 'elements'],
    children: ['elements'],
    values: { expanded: [true, false], direction: directions },
  },
  button: {
    properties: [
      'margin',
      'type',
      'size',
      'width',
      'text',
      'icon',
      'name',
      'form_action_type',
      'action_type',
      ...behaviour,
    ],
    isInteractive: true,
    values: {
      type: buttonTypes,
      size: ['tiny', 'small', 'medium', 'large'],
      form_action_type: ['submit', 'reset'],
      action_type: ['form_submit', 'form_reset'],
      disabled: [true, false],
    },
  },
  input: {
    properties: [
      ...field,
      'label',
      'label_position',
      'default_value',
      'max_length',
      'input_type',
      'show_icon',
      'rows',
      'auto_resize',
      'max_rows',
      'fallback',
    ],
    isInteractive: true,
    values: {
      input_type: ['text', 'multiline_text', 'password'],
      label_position: ['top', 'left'],
      required: [true, false],
      auto_resize: [true, false],
    },
  },
  overflow: {
    properties: ['margin', 'width', 'options', 'value', ...behaviour],
    required: ['options'],
    isInteractive: true,
  },
  select_static: { properties: choice, isInteractive: true },
  multi_select_static: { properties: choice, isInteractive: true },
  select_person: { properties: choice, isInteractive: true },
  multi_select_person: { properties: choice, isInteractive: true },
  date_picker: { properties: moment, isInteractive: true },
  picker_time: { properties: moment, isInteractive: true },
  picker_datetime: { properties: moment, isInteractive: true },
  select_img: {
    properties: [...field, 'multi_select', 'layout', 'can_preview', 'aspect_ratio', 'options', 'style'],
    isInteractive: true,
  },
  checker: {
    properties: [...field, 'checked', 'text', 'overall_checkable', 'button_area', 'checked_style', 'padding'],
    isInteractive: true,
  },
}

export const headerTemplates = [
  'blue',
  'wathet',
  'turquoise',
  'green',
  'yellow',
  'orange',
  'red',
  'carmine',
  'violet',
  'purple',
  'indigo',
  'grey',
  'default',
]

/** The languages of `i18n_content` and of a toast (configure-multi-language-content.md). */
export const languages = [
  'en_us',
  'zh_cn',
  'zh_hk',
  'zh_tw',
  'ja_jp',
  'id_id',
  'vi_vn',
  'th_th',
  'pt_br',
  'es_es',
  'ko_kr',
  'de_de',
  'fr_fr',
  'it_it',
  'ru_ru',
  'ms_my',
]
