import type { Locale } from '@countersign/contracts'

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

/** What a person or tenant gets who has set nothing. */
export interface RegionDefaults {
  locale: Locale
  timeZone: string
  weekend: readonly Weekday[]
}

/** The six regions where DMS offers mobile approval, by the name Alibaba Cloud gives them. */
export const regionNames = [
  'cn-hangzhou',
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-3',
  'ap-southeast-5',
  'me-central-1',
] as const
export type RegionName = (typeof regionNames)[number]

const saturdayAndSunday = [6, 7] as const

const defaultsByRegion: Record<RegionName, RegionDefaults> = {
  'cn-hangzhou': { locale: 'zh-CN', timeZone: 'Asia/Shanghai', weekend: saturdayAndSunday },
  'ap-northeast-1': { locale: 'ja', timeZone: 'Asia/Tokyo', weekend: saturdayAndSunday },
  'ap-southeast-1': { locale: 'en', timeZone: 'Asia/Singapore', weekend: saturdayAndSunday },
  'ap-southeast-3': { locale: 'ms', timeZone: 'Asia/Kuala_Lumpur', weekend: saturdayAndSunday },
  'ap-southeast-5': { locale: 'id', timeZone: 'Asia/Jakarta', weekend: saturdayAndSunday },
  // Riyadh: the Saudi weekend is Friday and Saturday.
  'me-central-1': { locale: 'ar', timeZone: 'Asia/Riyadh', weekend: [5, 6] },
}

const withoutRegion: RegionDefaults = { locale: 'en', timeZone: 'UTC', weekend: saturdayAndSunday }

export function regionDefaults(region: RegionName | null): RegionDefaults {
  return region === null ? withoutRegion : defaultsByRegion[region]
}
