import { z } from 'zod'

/*
 * Questions to a process of the bench and their answers, over Node's own channel between parent and child.
 */

export const Question = z.object({ id: z.number(), ask: z.string(), argument: z.unknown().optional() })
export type Question = z.infer<typeof Question>
export const Answer = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() })
export type Answer = z.infer<typeof Answer>

type Handler = (argument: unknown) => unknown

const handlers = new Map<string, Handler>()
/** Asked before the code that answers had been loaded. */
const early = new Map<string, Question[]>()

/** Answers the parent's questions of these names, and lives until the parent ends it. */
export function answerParent(more: Readonly<Record<string, Handler>>): void {
  if (handlers.size === 0) process.on('message', take)
  process.channel?.ref()
  for (const [name, handler] of Object.entries(more)) {
    handlers.set(name, handler)
    for (const question of early.get(name) ?? []) void answer(question, handler)
    early.delete(name)
  }
}

function take(message: unknown): void {
  const question = Question.parse(message)
  const handler = handlers.get(question.ask)
  if (handler !== undefined) void answer(question, handler)
  else early.set(question.ask, [...(early.get(question.ask) ?? []), question])
}

async function answer({ id, argument }: Question, handler: Handler): Promise<void> {
  const reply: Answer = await Promise.resolve()
    .then(() => handler(argument))
    .then(
      (value) => ({ id, value }),
      (error: unknown) => ({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  process.send?.(reply)
}
