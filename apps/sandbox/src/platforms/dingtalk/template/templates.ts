import { stableId } from '#sandbox/ids.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import { type CardTemplate, parseTemplate } from './template.ts'

/** The card platform's shelf: templates by app and id. */
export class Templates {
  readonly #templates = new Map<string, CardTemplate>()
  readonly #drafts = new Set<string>()

  constructor(apps: Iterable<DingtalkApp>) {
    for (const app of apps) {
      for (const [templateId, file] of Object.entries(app.templates)) this.import(app, file, templateId)
    }
  }

  /** Imports a file and gives its id, `<uuid>.schema`; the same app and file get the same id unless one is given. */
  import(app: DingtalkApp, file: string | JsonObject, templateId?: string): string {
    const text = typeof file === 'string' ? file : JSON.stringify(file)
    const id = templateId ?? `${uuidOf(stableId('', app.appKey, text))}.schema`
    this.#templates.set(`${app.appKey}|${id}`, parseTemplate(file))
    return id
  }

  publish(app: DingtalkApp, templateId: string, isPublished: boolean): void {
    const key = `${app.appKey}|${templateId}`
    if (isPublished) this.#drafts.delete(key)
    else this.#drafts.add(key)
  }

  isPublished(appKey: string, templateId: string): boolean {
    return !this.#drafts.has(`${appKey}|${templateId}`)
  }

  find(appKey: string, templateId: string): CardTemplate | undefined {
    return this.#templates.get(`${appKey}|${templateId}`)
  }
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
