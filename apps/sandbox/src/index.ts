export { defaultServicesSeed, type GroupMembers } from './default-services-seed.ts'
export type { Fault, FaultKind, FaultSetting, Faults } from './faults.ts'
export type { Group, GroupMessage, GroupSender, Mentions } from './groups/groups.ts'
export type { SeedGroup } from './groups/seed.ts'
export { documentedLimits, type Limits } from './limits.ts'
export type { CallbackRoute } from './platforms/dingtalk/cards/callback-routes.ts'
export type { GroupRobot } from './platforms/dingtalk/group-robot/robots.ts'
export type { NewGroupRobot } from './platforms/dingtalk/group-robot/seed.ts'
export type { DingtalkAppChange, DingtalkSandbox, SignedBody } from './platforms/dingtalk/sandbox.ts'
export { type DingtalkSettings, documentedDingtalkSettings } from './platforms/dingtalk/settings.ts'
export { signCardCallback, signRobotMessage } from './platforms/dingtalk/signatures.ts'
export { buttonsOf, type CardButton, type CardNode } from './platforms/dingtalk/template/drawn-card.ts'
export type { Sealed, SealOverrides } from './platforms/lark/callbacks.ts'
export type { Control } from './platforms/lark/card/controls.ts'
export { controlsOf, textFor } from './platforms/lark/card/controls.ts'
export type { EventDelivery } from './platforms/lark/events.ts'
export type { ControlMatcher, PressOptions, PressResult } from './platforms/lark/press.ts'
export { decrypt, encrypt, sign } from './platforms/lark/seal.ts'
export { headerOf, type MailMessage } from './platforms/mail/inbox.ts'
export type { MailSandbox } from './platforms/mail/sandbox.ts'
export type { SmsMessage } from './platforms/sms/inbox.ts'
export type { SmsSandbox } from './platforms/sms/sandbox.ts'
export type { WebhookAnswer } from './platforms/webhook/answers.ts'
export type { WebhookCall } from './platforms/webhook/calls.ts'
export { signDmsBody } from './platforms/webhook/dms-body.ts'
export type { WebhooksSandbox } from './platforms/webhook/sandbox.ts'
export type { Verdict } from './platforms/webhook/verdict.ts'
export type { WecomSandbox } from './platforms/wecom/sandbox.ts'
export {
  type GroupsSandbox,
  type SaidMessage,
  type Sandbox,
  type SandboxAction,
  type SandboxOptions,
  startSandbox,
} from './sandbox.ts'
export { type AnyPlatform, type AnyService, type Platform, type SandboxSeed, seedSchema } from './seed.ts'
export type { WireEntry } from './wire.ts'
export type { ChatMessage } from './world.ts'
