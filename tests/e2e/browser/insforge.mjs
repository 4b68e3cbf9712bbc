// InsForge's JavaScript SDK in a page of a real browser, which asks another origin. Arguments: Chromium, the page's
// address, playwright-core's folder. Prints what the page found, as one line of JSON.
import { pathToFileURL } from "node:url";

const [chromiumPath, page, playwright] = process.argv.slice(2);
const { chromium } = (await import(pathToFileURL(`${playwright}/index.js`))).default;
const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
try {
  const tab = await browser.newPage();
  const said = [];
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(String(error)));
  await tab.goto(page);
  await tab.waitForFunction(() => globalThis.found !== undefined, undefined, { timeout: 60_000 });
  console.log(JSON.stringify({ ...(await tab.evaluate(() => globalThis.found)), said }));
} finally {
  await browser.close();
}
