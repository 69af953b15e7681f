import type { BodyOf, QueryOf, RouteName } from '@countersign/contracts'

/** A request that names somebody or something beside its path, by `name`. */
export interface Mention {
  route: RouteName
  query?: object
  body?: unknown
}

const ticket = { module: 'perm_apply', title: 'Read access', submitter: 'submitter' }
const node = (uid: string) => [{ name: 'Owner', approvers: ['approver', uid] }]
const template = (uid: string) => ({ id: 'draft', module: 'perm_apply', nodes: node(uid) })
const rule = { enabled: true, channels: null, roles: [] }

const body = <Name extends RouteName>(route: Name, value: BodyOf<Name>): Mention => ({ route, body: value })
const query = <Name extends RouteName>(route: Name, value: QueryOf<Name> & object): Mention => ({ route, query: value })

/** Wherever a body or a query takes a uid, or the id of a template. */
export const mentions: Readonly<Record<string, (name: string) => Mention>> = {
  'the submitter of a ticket': (uid) => body('submitTicket', { ...ticket, submitter: uid, nodes: node('approver') }),
  'an approver of a ticket': (uid) => body('submitTicket', { ...ticket, nodes: node(uid) }),
  'cc of a ticket': (uid) => body('submitTicket', { ...ticket, nodes: node('approver'), cc: [uid] }),
  'an owner of a ticket': (uid) => body('submitTicket', { ...ticket, nodes: node('approver'), owners: [uid] }),
  'the template of a ticket': (id) => body('submitTicket', { ...ticket, template: id }),
  'cc of a changed ticket': (uid) => body('changeTicket', { cc: [uid] }),
  'an owner of a changed ticket': (uid) => body('changeTicket', { owners: [uid] }),
  'the author of a comment': (uid) => body('commentOnTicket', { comment: 'Why?', author: uid }),
  'whose tickets are listed': (uid) => query('listTickets', { submitter: uid }),
  'who approves the listed tickets': (uid) => query('listTickets', { approver: uid }),
  'whom coverage is of': (uid) =>
    query('getCoverage', { module: 'data_export', approvers: `approver,${uid}`, cc: uid }),
  'the template that coverage is of': (id) => query('getCoverage', { template: id }),
  'whom coverage is of, in the console': (uid) => query('myCoverage', { module: 'data_export', approvers: uid }),
  'an approver of a template': (uid) => body('createApprovalTemplate', { template: template(uid) }),
  'an approver of a draft': (uid) =>
    body('previewApprovalTemplate', { template: template(uid), submitter: 'submitter' }),
  'the submitter of a draft': (uid) =>
    body('previewApprovalTemplate', { template: template('approver'), submitter: uid }),
  'who is told by a rule': (uid) => body('setNotificationRule', { ...rule, additionalUsers: [uid] }),
  'whose tickets a console lists': (uid) => query('listTenantTickets', { submitter: uid }),
  'whose deliveries a console lists': (uid) => query('listTenantDeliveries', { recipient: uid }),
  'whose doings the audit is asked for': (uid) => query('listAudit', { actor: uid }),
  'what the audit is asked for': (uid) => query('listAudit', { target: `user:${uid}` }),
}
