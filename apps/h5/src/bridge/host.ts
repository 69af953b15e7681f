import type { LoginChannel } from '@countersign/contracts'

/**
 * A chat app that opens us in its web view. One file per host, beside this one, and one line in index.ts; nothing else
 * in the app knows a platform.
 */
export interface Bridge {
  /**
   * Asks the host for a log-in code for this app, without leaving the page.
   * Rejects with BridgeError; the log-in then goes on by redirect.
   */
  requestCode(channel: LoginChannel): Promise<string>
  /** Lets the host's own bars follow the page, where they do not by themselves. Once, when the page is shown. */
  followPage?(page: HostedPage): void
}

/** What a host's bars need of the page between them. */
export interface HostedPage {
  /** Calls `show` now, and whenever the title changes. */
  watchTitle(show: (title: string) => void): void
  /** Goes one step back inside the app; false at its root, where the person wants to leave. */
  goBack(): boolean
}

/** Why a host gave no code: `unavailable` its SDK did not come in time, `refused` it said no. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: 'unavailable' | 'refused'

  constructor(code: 'unavailable' | 'refused', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** What tells hosts apart. */
export interface HostSigns {
  userAgent: string
  /** Framed means inside a platform: our frame-ancestors policy lets nobody else frame us. */
  framed: boolean
}
