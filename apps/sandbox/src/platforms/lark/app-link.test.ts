import { expect, it } from 'vitest'
import { createDefaultSeed } from '#sandbox/default-seed.ts'
import { parseSeed } from '#sandbox/seed.ts'
import { World } from '#sandbox/world.ts'
import { resolveAppLink } from './app-link.ts'

const world = new World(parseSeed(createDefaultSeed('http://localhost:8080')))
const app = 'https://applink.larksuite.com/client/web_app/open?appId=cli_a1b2c3d4e5f60718&mode=window'

it.each([
  ['https://x.example/a?b=1', 'https://x.example/a?b=1'],
  [
    'https://applink.feishu.cn/client/web_url/open?mode=window&url=http%3A%2F%2Flocalhost%3A8080%2Fa%3Fb%3D1',
    'http://localhost:8080/a?b=1',
  ],
  [app, 'http://localhost:8080/'],
  [`${app}&path=/console/mobile/index/&ticket=7`, 'http://localhost:8080/console/mobile/index/?ticket=7'],
  [`${app}&lk_target_url=http%3A%2F%2Flocalhost%3A8080%2Fx%23y`, 'http://localhost:8080/x#y'],
  [`${app}&lk_target_url=https%3A%2F%2Fevil.example%2F`, 'http://localhost:8080/'],
])('shows for %s the page %s', (address, page) => {
  expect(resolveAppLink(world, address)).toBe(page)
})
