import { describe, expect, it } from 'vitest'
import { nameOf, offsetOf, placeOf, regionZones, timeZones } from './time-zones.ts'

const winter = Date.parse('2026-01-15T12:00:45Z')
const summer = Date.parse('2026-07-15T12:00:00Z')

describe('time zones', () => {
  it('begin with the person’s own and the regions’, each once, and are all there are', () => {
    const zones = timeZones(['Europe/Paris', 'Asia/Tokyo', 'Not/AZone'])
    expect(zones.slice(0, 3)).toEqual(['Europe/Paris', 'Asia/Tokyo', 'Asia/Shanghai'])
    expect(zones.slice(0, 7)).toEqual(expect.arrayContaining([...regionZones]))
    expect(new Set(zones).size).toBe(zones.length)
    expect(zones.length).toBeGreaterThan(300)
  })

  it('tell how far they are from UTC, also half an hour, west, and in summer', () => {
    expect(offsetOf('Asia/Shanghai', winter)).toBe('UTC+08:00')
    expect(offsetOf('Asia/Kolkata', winter)).toBe('UTC+05:30')
    expect(offsetOf('America/St_Johns', winter)).toBe('UTC-03:30')
    expect(offsetOf('Europe/Paris', summer)).toBe('UTC+02:00')
    expect(offsetOf('UTC', winter)).toBe('UTC+00:00')
  })

  it('have a name in the language of the page', () => {
    expect(nameOf('Asia/Shanghai', 'zh-CN', winter)).toBe('中国标准时间')
    expect(nameOf('Asia/Tokyo', 'en', winter)).toBe('Japan Standard Time')
    expect(placeOf('Asia/Kuala_Lumpur')).toBe('Kuala Lumpur')
  })
})
