import { describe, expect, it } from 'vitest'
import type { ActionReply } from '#server/channels/channel.ts'
import { approvedCardModel, cardModel } from '../_card-model.ts'
import { drawCard } from './_draw-card.ts'
import { answerTap } from './answer.ts'
import { type CardSetting, privateData, publicData } from './card-data.ts'

const setting: CardSetting = { corpId: 'ding1', prove: (user) => `proof-of-${user}` }
const answer = (changes: Partial<ActionReply>) =>
  answerTap(
    { locale: 'en', outcome: { ok: true, action: 'approve', status: 'approved' }, card: null, ...changes },
    setting,
  )
const before = { public: publicData(cardModel(), setting), own: privateData(cardModel(), 'alice', setting) }
/** The card of the one who tapped, once the answer is there. */
const after = (changes: Partial<ActionReply>) => {
  const { cardData, userPrivateData } = answer(changes)
  return drawCard({ ...before.public, ...cardData?.cardParamMap }, { ...before.own, ...userPrivateData.cardParamMap })
}

describe('the answer to a tap', () => {
  it('changes what it names and leaves the rest', () => {
    expect(answer({}).cardUpdateOptions).toEqual({ updateCardDataByKey: true, updatePrivateDataByKey: true })
  })

  it('shows the one who tapped the decided ticket at once, without buttons', () => {
    const { texts, buttons } = after({ card: approvedCardModel({ mine: 'approve' }), platformUserId: 'alice' })
    expect(texts).toContain('Approved. The ticket is now approved.')
    expect(texts.join('\n')).toContain('Approved by Dan')
    expect(buttons).toEqual([])
  })

  it('takes the buttons away also where it is not known who tapped', () => {
    expect(after({ card: approvedCardModel() }).buttons).toEqual([])
  })

  it('says why nothing came of it, in the person’s language', () => {
    const outcome = { ok: false, reason: 'already_approved', by: 'Dan', status: 'approved' } as const
    const { texts } = after({ locale: 'zh-CN', outcome, card: approvedCardModel({ locale: 'zh-CN' }) })
    expect(texts).toContain('Dan 已经同意了此工单。')
  })

  it('renews the buttons with the content, for the person and nobody else', () => {
    const outcome = { ok: false, reason: 'content_changed', by: null, status: 'pending' } as const
    const changed = cardModel({ title: 'Export all orders' })
    const card = { ...changed, approve: { ...changed.approve, contentHash: 'sha256:new' } }
    const { texts, buttons } = after({ outcome, card, platformUserId: 'alice' })
    expect(texts).toContain('#1042 Export all orders')
    expect(buttons[0]?.params).toMatchObject({ proof: 'proof-of-alice', contentHash: 'sha256:new' })
  })

  it('leaves the old buttons whole where it is not known whose they are', () => {
    const outcome = { ok: false, reason: 'content_changed', by: null, status: 'pending' } as const
    const changed = cardModel()
    const card = { ...changed, approve: { ...changed.approve, contentHash: 'sha256:new' } }
    const { buttons } = after({ outcome, card })
    expect(buttons[0]?.params).toMatchObject({
      proof: 'proof-of-alice',
      contentHash: cardModel().approve.contentHash,
    })
  })

  it('without a card says its word and nothing of the ticket', () => {
    const outcome = { ok: false, reason: 'not_bound', by: null, status: null } as const
    const said = answer({ outcome })
    expect(said.cardData).toBeUndefined()
    expect(Object.keys(said.userPrivateData.cardParamMap)).toEqual(['feedback'])
    expect(after({ outcome }).buttons).toHaveLength(2)
  })
})
