// Follows a link that signs in once: node tests/link.mjs LINK. Ends with 1 if it does not, or does so twice.
import { chromium } from 'playwright-core';

const [link] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.GATEWAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const first = await (await browser.newContext()).newPage();
await first.goto(link);
await first.waitForSelector('nav');
const shown = first.url();
await first.reload();
await first.waitForSelector('nav');
const second = await (await browser.newContext()).newPage();
await second.goto(link);
await second.waitForSelector('input[name=token]');
const why = await second.textContent('[role=status]');
await browser.close();
if (shown.includes('#') || !why) {
  console.log(`the address is ${shown}, the second one saw: ${why}`);
  process.exit(1);
}
