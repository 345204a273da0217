/**
 * Makes the pictures in docs/pictures from real runs: `make pictures`, or `… make-pictures.ts boot` for one of them.
 * Needs the built program, the base debian-bookworm in the cache, QEMU and Chromium; takes some minutes.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { packageRoot } from '../src/core/package.ts';
import { record, type Stage, setStage } from './pictures/record.ts';
import { drawTerminal } from './pictures/terminal-svg.ts';

const PICTURES = join(packageRoot, 'docs/pictures');
const IMAGE = 'out/wwanpi-debian-bookworm-internet.img';
const FLEET = `defaults:
  base: debian-bookworm
  ssh-key: home/.ssh/me.pub
images:
  - carrier: us/metropcs
  - carrier: gb/ee
  - name: my-company
    apn: internet.example
`;

const takers: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async build(stage) {
    const terminal = await record(
      stage,
      'wwanpi build --base debian-bookworm --apn internet --ssh-key ~/.ssh/me.pub',
    );
    await save('build.svg', drawTerminal(terminal, 'wwanpi build', { to: /SHA-256:/ }));
  },
  async boot(stage) {
    const terminal = await record(stage, `wwanpi boot ${IMAGE}`);
    await save('boot.svg', drawTerminal(terminal, 'wwanpi boot', { from: /✓ kernel/, to: /Times are/ }));
  },
  async fleet(stage) {
    await writeFile(join(stage.folder, 'fleet.yaml'), FLEET);
    const terminal = await record(stage, 'wwanpi fleet fleet.yaml --output images');
    await save('fleet.svg', drawTerminal(terminal, 'wwanpi fleet', { from: /us-metropcs .*built/ }));
  },
  async catalogue(stage) {
    await record(stage, 'wwanpi catalogue images');
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 760 } });
      await page.goto(pathToFileURL(join(stage.folder, 'images/index.html')).href);
      await page.screenshot({ path: join(PICTURES, 'catalogue.png') });
      // The form as it is on a server.
      const address = 'http://images.example/';
      await page.route(address, (route) => route.fulfill({ path: join(stage.folder, 'images/index.html') }));
      await page.goto(address);
      await page.getByLabel('APN', { exact: true }).fill('web.vodafone.de');
      await page.getByLabel('User name').fill('me');
      await page.getByLabel('User name').blur();
      await page.locator('#maker').screenshot({ path: join(PICTURES, 'another-apn.png') });
    } finally {
      await browser.close();
    }
  },
};

async function save(name: string, svg: string): Promise<void> {
  await writeFile(join(PICTURES, name), svg);
}

const wanted = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'wwanpi-pictures-'));
try {
  const stage = await setStage(folder, process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'));
  for (const [name, take] of Object.entries(takers)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    await take(stage);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
