/** Why the platform refuses a card; the send family wraps it into 230099. */
export interface CardProblem {
  /** Sub-code inside the message of 230099. */
  code: number
  message: string
}

/** Sub-codes as listed on the send page of the message API. */
export const cardProblemCodes = {
  /** Malformed JSON, unknown tag, unknown or missing property, wrong type. */
  parse: 200621,
  /** A 1.0 construct in a 2.0 card. */
  removedInV2: 200861,
  /** More elements or tables than a card may have. */
  tooMany: 11310,
  templateMissing: 200380,
}

/** Stops the validation at the first problem, as the platform does: it reports one. */
export class InvalidCard extends Error {
  override name = 'InvalidCard'
  readonly problem: CardProblem

  constructor(problem: CardProblem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Refuses the card for something at `path` (`ROOT -> body -> elements -> [0](tag: button)`). */
export function refuse(path: string, what: string, code = cardProblemCodes.parse): never {
  const lead =
    code === cardProblemCodes.parse ? 'parse card json err, please check whether the card json is correct' : what
  throw new InvalidCard({ code, message: `${lead}; ErrPath: ${path}; ErrorValue: ${what}` })
}

/** The message under which 230099 reaches the caller. */
export function renderProblem(problem: CardProblem): string {
  return `Failed to create card content, ext=ErrCode: ${problem.code}; ErrMsg: ${problem.message}; `
}
