import { wordOutcome } from '#server/cards/outcome.ts'
import type { ActionReply } from '#server/channels/channel.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { type CardSetting, privateData, publicData } from './card-data.ts'
import { fitLine } from './fit.ts'

const MAX_NAME_BYTES = 128

type ParamMap = { cardParamMap: Record<string, string> }

/** What a tap is answered with. Document: event callback of cards. */
export interface CardAnswer {
  cardUpdateOptions: { updateCardDataByKey: true; updatePrivateDataByKey: true }
  /** Shown to the one who tapped only; all others get the update that follows. */
  cardData?: ParamMap
  userPrivateData: ParamMap
}

/** The card as it is to look from now on for the person, with a line saying what became of the tap. */
export function answerTap(reply: ActionReply, setting: CardSetting): CardAnswer {
  const feedback = wordOutcome(reply.outcome, createTranslator(reply.locale), (name) => fitLine(name, MAX_NAME_BYTES))
  const cardUpdateOptions = { updateCardDataByKey: true, updatePrivateDataByKey: true } as const
  const { card } = reply
  if (card === null) return { cardUpdateOptions, userPrivateData: { cardParamMap: { feedback } } }
  return {
    cardUpdateOptions,
    cardData: { cardParamMap: publicData(card, setting) },
    userPrivateData: { cardParamMap: { ...personalAnswer(reply, card, setting), feedback } },
  }
}

/** Without knowing who tapped there is no proof to give: their buttons stay as they are, and go with the decision. */
function personalAnswer(
  { platformUserId = null }: ActionReply,
  card: NonNullable<ActionReply['card']>,
  setting: CardSetting,
): Record<string, string> {
  if (platformUserId !== null) return privateData(card, platformUserId, setting)
  if (card.decision === 'none') return privateData(card, '', setting)
  const { proof: _proof, ticketId: _ticket, node: _node, contentHash: _hash, ...rest } = privateData(card, '', setting)
  return rest
}
