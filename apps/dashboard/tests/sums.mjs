// Prints what the usage page shows for each query: node tests/sums.mjs URL TOKEN QUERY... With columns of time it is the
// chart's table, else the sums. JSON: a list for each query, of objects of head and cell; a cell that is rounded has its
// exact figure as title.
import { chromium } from 'playwright-core';

const [url, token, ...queries] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.GATEWAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1920, height: 1000 }, timezoneId: 'UTC' });
const found = [];
for (const query of queries) {
  await page.goto(`${url}/dashboard/usage?${query}`);
  const field = page.locator('input[name=token]');
  await page.waitForSelector('input[name=token], nav');
  if (await field.count()) {
    await field.fill(token);
    await page.click('button.primary');
  }
  await page.waitForSelector('table tbody tr');
  const is_chart = new URLSearchParams(query).get('rollup') !== 'none';
  if (is_chart) await page.click('.chart button:text-is("Table")');
  found.push(await page.evaluate((selector) => {
    const texts = (row) => [...row.cells].map((cell) => cell.querySelector('[title]')?.title ?? cell.textContent.trim());
    const table = document.querySelector(selector);
    const heads = [...table.querySelectorAll('thead th')].map((head) => head.textContent.trim());
    return [...table.querySelectorAll('tbody tr')].map((row) => Object.fromEntries(texts(row).map((text, i) => [heads[i], text])));
  }, is_chart ? '.chart table' : '.panel table'));
}
await browser.close();
console.log(JSON.stringify(found));
