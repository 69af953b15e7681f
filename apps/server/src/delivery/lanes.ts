/** In flight per lane whatever happens, so that a dead app does not hold up the others. */
export const cautiousRoom = 4
/** In flight per lane while the platform answers quickly. */
const healthyRoom = 12
/** A call that takes longer counts as hanging. */
const slowMs = 2_000
/** After so many hanging calls in a row a lane is only probed. */
const hangsUntilProbing = 4

interface Lane {
  inFlight: number
  room: number
  hangs: number
  pausedUntil: number
}

/**
 * How much each lane may do at once: it begins carefully, widens with every quick answer, narrows when calls hang and is
 * down to single probes when they go on hanging. More than the careful share is given only while half of the whole is free.
 */
export class Lanes {
  readonly #total: number
  readonly #lanes = new Map<string, Lane>()
  #inFlight = 0

  constructor(total: number) {
    this.#total = total
  }

  get free(): number {
    return this.#total - this.#inFlight
  }

  /** How many more each known lane may take; a lane that is not listed may take `cautiousRoom`. */
  room(now: number): Map<string, number> {
    const isRoomy = this.#inFlight < this.#total / 2
    const rooms = new Map<string, number>()
    for (const [name, lane] of this.#lanes) {
      if (lane.inFlight === 0 && lane.hangs === 0 && lane.pausedUntil <= now) {
        this.#lanes.delete(name)
        continue
      }
      const capacity = isRoomy ? lane.room : Math.min(lane.room, cautiousRoom)
      rooms.set(name, lane.pausedUntil > now ? 0 : Math.max(0, capacity - lane.inFlight))
    }
    return rooms
  }

  enter(name: string): void {
    this.#lane(name).inFlight += 1
    this.#inFlight += 1
  }

  /** `tookMs` null: nothing was asked of the platform. */
  leave(name: string, tookMs: number | null): void {
    const lane = this.#lane(name)
    lane.inFlight -= 1
    this.#inFlight -= 1
    if (tookMs === null) return
    if (tookMs < slowMs) {
      lane.hangs = 0
      lane.room = Math.min(Math.max(lane.room, cautiousRoom) + 1, healthyRoom)
      return
    }
    lane.hangs += 1
    lane.room = lane.hangs >= hangsUntilProbing ? 1 : cautiousRoom
  }

  /** Nothing of this lane is taken before the given time. */
  pause(name: string, until: number): void {
    const lane = this.#lane(name)
    lane.pausedUntil = Math.max(lane.pausedUntil, until)
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name)
    if (known !== undefined) return known
    const lane: Lane = { inFlight: 0, room: cautiousRoom, hangs: 0, pausedUntil: 0 }
    this.#lanes.set(name, lane)
    return lane
  }
}
