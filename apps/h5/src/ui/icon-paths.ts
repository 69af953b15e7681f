/** Our own line icons on a 24 grid: a few hundred bytes where the widget library's icon font has 27 kB. */
export const iconPaths = {
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm9 2-4-4',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  check: 'M5 12.5l4.5 4.5L19 7',
  cross: 'M6 6l12 12M18 6L6 18',
  bolt: 'M13 3L5 13.5h6L10 21l8-10.5h-6z',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3.5 2',
  inbox: 'M4 13l3-8h10l3 8v6H4zm0 0h4.5l1.5 3h4l1.5-3H20',
  link: 'M13 5h6v6M19 5l-8 8M17 14v5H5V7h5',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  file: 'M6 3h8l4 4v14H6zM14 3v5h4',
  offline: 'M3 4l18 17M5 12a10 10 0 0 1 4-2.4M19 12a10 10 0 0 0-5-2.8M8.5 15.5a5 5 0 0 1 5.5-1M12 19.5h.01',
  broken: 'M12 4l9 16H3zm0 6v4.5m0 2.7h.01',
  lock: 'M6 11h12v9H6zm2.5 0V8a3.5 3.5 0 0 1 7 0v3',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7 8.5c.7-3.6 3.5-5.5 7-5.5s6.3 1.9 7 5.5',
  chat: 'M4 5h16v11h-9l-4 4v-4H4z',
  bell: 'M6 16v-5a6 6 0 0 1 12 0v5l1.5 2H4.5zM10 21h4',
  undo: 'M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10H9',
} as const
export type IconName = keyof typeof iconPaths
