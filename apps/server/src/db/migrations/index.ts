import { people } from './001-people.ts'
import { tickets } from './002-tickets.ts'
import { deliveries } from './003-deliveries.ts'
import { sessions } from './004-sessions.ts'
import { chat } from './005-chat.ts'
import { callCounts } from './006-call-counts.ts'
import { notifications } from './007-notifications.ts'
import { verification } from './008-verification.ts'
import { decisionLinks } from './009-decision-links.ts'
import { carriedDeliveries } from './010-carried-deliveries.ts'
import { sightings } from './011-sightings.ts'
import { access } from './012-access.ts'
import { oneTimeLinks } from './013-one-time-links.ts'
import { textTemplates } from './014-text-templates.ts'
import { reports } from './015-reports.ts'
import { ownersAndReminders } from './016-owners-and-reminders.ts'
import { pendingTickets } from './017-pending-tickets.ts'
import { waysIn } from './018-ways-in.ts'
import { secondFactor } from './019-second-factor.ts'
import { directorySync } from './020-directory-sync.ts'
import { reroutes } from './021-reroutes.ts'
import { redeliveries } from './022-redeliveries.ts'
import { overview } from './023-overview.ts'
import { firstRun } from './025-first-run.ts'
import type { Migration } from './migration.ts'

/** Every migration there is, oldest first. */
export const migrations: readonly Migration[] = [
  people,
  tickets,
  deliveries,
  sessions,
  chat,
  callCounts,
  notifications,
  verification,
  decisionLinks,
  carriedDeliveries,
  sightings,
  access,
  oneTimeLinks,
  textTemplates,
  reports,
  ownersAndReminders,
  pendingTickets,
  waysIn,
  secondFactor,
  directorySync,
  reroutes,
  redeliveries,
  overview,
  firstRun,
]
