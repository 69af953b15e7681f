import type { TenantId } from '@countersign/contracts'
import type { MeteredApp } from '#server/quota/call-meter.ts'

/** Of an organisation on Standard that has bought nothing (billing model, since 2025-11-19). */
export const STANDARD_PUSHES = 3_000

/**
 * What a tenant's organisation has a month for web hooks of its groups, and for what DingTalk pushes to its apps: taps and
 * messages, over HTTP and Stream alike. It is apart from the calls of an app. An address does not say whose robot it is:
 * those of the people of a tenant are taken to be of its own organisation. Source: billing model of the platform.
 */
export function robotAllowance(tenantId: TenantId): MeteredApp {
  return { tenantId, channel: 'dingtalkRobot', appId: 'dingtalkRobot' }
}

/** Whether what came in from this channel counts towards it: contracts of the Exclusive Edition have their own figures. */
export function isPushed(channel: string): boolean {
  return channel === 'dingtalk'
}
