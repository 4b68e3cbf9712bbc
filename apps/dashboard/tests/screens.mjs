// Looks at every page in a browser: node tests/screens.mjs URL TOKEN FOLDER [width] [page ...]. Prints what a console says.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, token, folder, width = '1440', ...only] = process.argv.slice(2);
const pages = ['', 'usage', 'requests', 'projects', 'projects/demo', 'keys', 'budgets', 'models', 'routes?project=demo&model=steady', 'providers',
  'reconcile', 'start', 'system', 'request'];
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.GATEWAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const scheme of ['light', 'dark']) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: Number(width), height: 900 }, timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(scheme, page.url(), message.text()));
  page.on('pageerror', (error) => console.log(scheme, page.url(), error.stack));
  await page.goto(`${url}/dashboard/`);
  if (only.length === 0) await page.screenshot({ path: `${folder}/${scheme}-signin.png` });
  await page.fill('input[name=token]', token);
  await page.click('button.primary');
  await page.waitForSelector('nav');
  for (const one of pages) {
    if (only.length > 0 && !only.includes(one.split('?')[0] || 'overview')) continue;
    let path = one;
    if (one === 'request') {
      await page.goto(`${url}/dashboard/requests?model=second`);
      await page.waitForSelector('tr[data-href]');
      path = (await page.locator('tr[data-href]', { hasText: '×2' }).first().getAttribute('data-href')).replace('/dashboard/', '');
    }
    await page.goto(`${url}/dashboard/${path}`);
    await page.waitForTimeout(900);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log(scheme, path, `wider than the window by ${over}`);
    await page.screenshot({ path: `${folder}/${scheme}-${(one.split('?')[0] || 'overview').replaceAll('/', '-')}.png`, fullPage: true });
  }
  await context.close();
}
await browser.close();
