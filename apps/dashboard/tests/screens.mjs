// Looks at every page in a browser: node tests/screens.mjs URL TOKEN FOLDER [width] [page ...]. Prints what a console says.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, token, folder, width = '1440', ...only] = process.argv.slice(2);
const pages = ['overview', 'usage', 'compared', 'within', 'requests', 'columns', 'request', 'projects', 'project', 'keys', 'budgets', 'models', 'routes', 'providers',
  'reconcile', 'start', 'system'];
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
  // Where the first row of a page leads to, one with that text if there is any.
  const firstOf = async (path, text) => {
    await page.goto(`${url}/dashboard/${path}`);
    await page.waitForSelector('tr[data-href]');
    const rows = page.locator('tr[data-href]', text ? { hasText: text } : {});
    return ((await rows.count()) > 0 ? rows : page.locator('tr[data-href]')).first().getAttribute('data-href');
  };
  const addressOf = {
    overview: () => '/dashboard/', usage: () => '/dashboard/usage?group=model&compare=1', project: () => firstOf('projects'), request: () => firstOf('requests', '×2'), routes: () => firstOf('models'),
    compared: () => '/dashboard/usage?group=model&compare=1&cumulative=1&as=lines', within: () => '/dashboard/usage?group=model&then=project&rollup=quarter',
    columns: () => '/dashboard/requests?columns',
  };
  for (const one of pages) {
    if (only.length > 0 && !only.includes(one)) continue;
    await page.goto(url + (addressOf[one] ? await addressOf[one]() : `/dashboard/${one}`));
    await page.waitForTimeout(900);
    if (one === 'columns') await page.click('button:text-is("Columns")');
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log(scheme, one, `wider than the window by ${over}`);
    await page.screenshot({ path: `${folder}/${scheme}-${one}.png`, fullPage: one !== 'columns' });
  }
  await context.close();
}
await browser.close();
