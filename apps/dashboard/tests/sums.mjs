// Prints the rows of the usage page by model, as it shows them: node tests/sums.mjs URL TOKEN. JSON: a list of objects
// of head and cell; a cell that is rounded has its exact figure as title.
import { chromium } from 'playwright-core';

const [url, token] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.GATEWAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1920, height: 1000 } });
await page.goto(`${url}/dashboard/usage?group=model&rollup=none`);
await page.fill('input[name=token]', token);
await page.click('button.primary');
await page.waitForSelector('table tbody tr');
const rows = await page.evaluate(() => {
  const texts = (row) => [...row.cells].map((cell) => cell.querySelector('[title]')?.title ?? cell.textContent.trim());
  const table = document.querySelector('table');
  const heads = [...table.querySelectorAll('thead th')].map((head) => head.textContent.trim());
  return [...table.querySelectorAll('tbody tr')].map((row) => Object.fromEntries(texts(row).map((text, i) => [heads[i], text])));
});
await browser.close();
console.log(JSON.stringify(rows));
