/*
 * The variables of our card template: what the template shows, what the server fills, one list for both. A person's own
 * values (private) stand over those for everybody. All are text; a form is JSON in text. Documents: filling in card data,
 * create and deliver cards, form variables.
 */

export interface CardVariable {
  type: 'string' | 'form'
  /** For whoever looks at the template in the card platform. */
  description: string
}

const text = (description: string): CardVariable => ({ type: 'string', description })
const form = (description: string): CardVariable => ({ type: 'form', description })

/** The same for all who have the card, whoever reads it. */
const publicVariables = {
  lastMessage: text('Line in the list of conversations'),
  title: text('Number and title of the ticket'),
  status: text('pending, approved, rejected, withdrawn or expired: what is visible depends on it'),
  risk: text('low, medium or high'),
  facts: text('Key facts of the ticket, a line each'),
  description: text('Description, or its beginning'),
  code: text('First piece of code, or its beginning'),
  link: text('The ticket in the H5 app'),
  pcLink: text('The same, opening beside the chat on a computer'),
} as const

/** What a person may do, and with which proof. */
const personalVariables = {
  decision: text('tap, confirm, review or none: how this person decides'),
  proof: text('Ties the buttons to this person, ticket, step and content'),
  ticketId: text('Ticket that the proof is for'),
  node: text('Step that the proof is for'),
  contentHash: text('Content that the proof is for'),
  mine: text('approve, reject or empty: what this person decided'),
  feedback: text('What became of the last tap'),
} as const

/** In the language and time zone of the person. */
const localizedVariables = {
  moduleText: text('Kind of ticket'),
  riskText: text('Risk, in words'),
  statusText: text('Status, in words'),
  result: text('Who decided and when, or why there is nothing to do'),
  comment: text('What the one who closed the ticket wrote'),
  summary: text('Submitter, times and attachments, a line each'),
  factsNote: text('How much of the facts is shown'),
  descriptionLabel: text('Heading of the description'),
  descriptionNote: text('How much of the description is shown'),
  codeLabel: text('Heading of the code'),
  codeNote: text('How much of the code is shown'),
  progressLabel: text('Heading of the progress'),
  progress: text('The steps, a line or more each'),
  progressNote: text('How many of the steps are shown'),
  consequenceLabel: text('Heading of what approval leads to'),
  consequence: text('What approval leads to'),
  reviewText: text('Why this is not decided on the card'),
  approveText: text('Approve button'),
  rejectText: text('Reject button'),
  openText: text('Button that opens the ticket'),
  approveForm: form('Confirmation of an approval'),
  rejectForm: form('Reason for rejecting'),
} as const

export const cardVariables = { ...publicVariables, ...personalVariables, ...localizedVariables }

export type CardVariableName = keyof typeof cardVariables
export type PublicName = keyof typeof publicVariables
export type PersonalName = keyof typeof personalVariables
export type LocalizedName = keyof typeof localizedVariables

export function isPrivate(name: CardVariableName): boolean {
  return !Object.hasOwn(publicVariables, name)
}
