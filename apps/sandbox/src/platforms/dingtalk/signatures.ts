import { createHmac } from 'node:crypto'

/** The `sign` header of a robot message over HTTP: the body is not covered (receive-message page). */
export function signRobotMessage(timestamp: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(`${timestamp}\n${appSecret}`).digest('base64')
}

/** The `x-ddpaas-signature` header of a card callback: only the timestamp is covered (event-callback-card page). */
export function signCardCallback(timestamp: string, apiSecret: string): string {
  return createHmac('sha256', apiSecret).update(timestamp).digest('base64')
}
