// Walks through the pages as people do: node tests/walk.mjs URL TOKEN [project]; with `project` the token is a project's
// key, and only what it may read is there. Ends with 1 if something is not as it should be.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [url, token, role] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const problems = [];
const refused = role === 'project' ? /a status of 401/ : /the server responded with a status of 4(01|04|09)/;  // what the walk provokes
const check = (good, what) => good || problems.push(what);
const browser = await chromium.launch({ executablePath: process.env.GATEWAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const pages = role === 'project' ? ['', 'usage', 'requests', 'keys', 'projects', 'projects/demo', 'budgets', 'models', 'routes', 'providers', 'start']
  : ['', 'usage', 'requests', 'projects', 'keys', 'budgets', 'models', 'routes', 'providers', 'reconcile', 'start', 'system', 'nothing'];

for (const colorScheme of ['light', 'dark']) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.on('request', (request) => new URL(request.url()).origin === new URL(url).origin || /^(data|blob):/.test(request.url()) || problems.push(`foreign: ${request.url()}`));
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !refused.test(message.text())
    && problems.push(`${page.url()}: ${message.text()}`));
  const audit = async () => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const one of violations) problems.push(`${colorScheme} ${page.url()}: ${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  };
  await page.goto(`${url}/dashboard/usage?group=model`);
  await page.fill('input[name=token]', 'wrong-token-wrong-token');
  await page.click('button.primary');
  await page.waitForSelector('.fault');
  await audit();
  await page.fill('input[name=token]', token);
  await page.click('button.primary');
  await page.waitForSelector('nav');
  check(page.url().endsWith('/usage?group=model'), 'signing in keeps the address');
  for (const one of pages) {
    await page.goto(`${url}/dashboard/${one}`);
    await page.waitForTimeout(700);
    await audit();
  }
  await page.setViewportSize({ width: 360, height: 740 });
  for (const one of pages) {
    await page.goto(`${url}/dashboard/${one}`);
    await page.waitForTimeout(400);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    check(over <= 0, `${colorScheme} ${one} is wider than a phone by ${over}`);
    if (colorScheme === 'light') await audit();
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  if (role === 'project') {
    await page.goto(`${url}/dashboard/keys`);
    await page.waitForSelector('table');
    check(await page.locator('main button:text-matches("^(Create|Rotate|Revoke)\\b")').count() === 0, 'a project only reads');
    check(await page.locator('nav a:text-matches("System|Providers")').count() === 0, 'a project sees its own pages');
  } else if (colorScheme === 'light') {
    await use(page, audit).catch(async (error) => {
      const focused = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
      problems.push(`${page.url()}, at ${focused}: ${error.stack}`);
    });
  }
  await context.close();
}
await browser.close();
for (const problem of problems) console.log(problem);
process.exit(problems.length ? 1 : 0);

// Where columns are left out for want of room, what decides is below a name or a bar.
async function narrow(page, audit) {
  await page.setViewportSize({ width: 1100, height: 800 });
  for (const [one, text] of [['models', /^to \S/], ['budgets', /held/]]) {
    await page.goto(`${url}/dashboard/${one}`);
    await page.waitForSelector('td .below.early');
    const below = page.locator('td .below.early', { hasText: text }).first();
    check(await below.isVisible(), `${one} says below what has no column`);
    await audit();
    await page.setViewportSize({ width: 1440, height: 900 });
    check(!await below.isVisible(), `${one} says nothing twice`);
    await page.setViewportSize({ width: 1100, height: 800 });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function use(page, audit) {
  const name = `walk-${Date.now()}`;
  await page.goto(`${url}/dashboard/projects`);
  await page.click('text=Create project');
  await page.fill('dialog input >> nth=0', name);
  await page.click('text=Add cap');
  await page.fill('dialog input[inputmode=decimal]', '0.000000000001');
  await page.click('dialog button[type=submit]');
  await page.waitForURL(`**/projects/${name}`);
  await page.waitForSelector('text=of $0.000000000001');
  await page.click('text=Edit');
  await page.fill('dialog input[placeholder=none] >> nth=0', '60');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('text=60 left now, 60 left now').catch(() => {});
  check(await page.locator('dd', { hasText: '60' }).count() > 0, 'the new limit is shown');

  await page.goto(`${url}/dashboard/budgets`);
  await page.waitForSelector('.chart .u-over');
  await picked(page, 'Cap').selectOption(await picked(page, 'Cap').locator('option', { hasText: name }).getAttribute('value'));
  await page.waitForURL(/cap=walk/);
  await page.waitForSelector('.legend :text("the cap")');
  await audit();
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(200);
    const over = await page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll('main .scroll')].map((one) => one.scrollWidth - one.clientWidth)));
    check(over <= 0, `a cap of a trillionth of a dollar is wider than ${width} by ${over}`);
  }
  await narrow(page, audit);
  await page.goto(`${url}/dashboard/start`);
  await page.waitForSelector('text=which is off at this server');
  check(await page.locator('text=mcpServers').count() === 0, 'an agent is not configured with what is off');
  await page.goto(`${url}/dashboard/projects/from-the-file`);
  await page.locator('code', { hasText: /^gateway\.yaml:\d+$/ }).waitFor();
  await page.waitForSelector('.chip:has-text("no price")');
  await page.goto(`${url}/dashboard/models`);
  await page.waitForSelector('#differences td:has-text("input")');
  await audit();

  await page.goto(`${url}/dashboard/keys?project=${name}`);
  await page.click('h1 ~ button');
  await page.fill('dialog input[name=name]', 'laptop');
  await page.click('dialog button[type=submit]');
  const key = await page.textContent('dialog .secret code');
  check(/^gk-/.test(key ?? ''), 'a new key is shown');
  await page.click('text=I have copied it');
  check(!(await page.content()).includes(key), 'the key is gone with its dialog');
  await tried(page, audit);
  await page.goto(`${url}/dashboard/keys?project=${name}`);
  await page.click('text=Rotate');
  await page.fill('dialog input[name=grace]', '');
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog .secret code');
  await page.click('text=I have copied it');
  await page.locator('button:text-is("Revoke")').first().click();
  check(await page.locator('dialog button.danger').isDisabled(), 'revoking asks for the name');
  await page.fill('dialog input', 'laptop');
  await page.click('dialog button.danger');
  await page.waitForSelector('button:text-is("Revoke")', { state: 'detached' });

  await page.goto(`${url}/dashboard/projects/${name}`);
  await page.click('text=Delete project');
  await page.fill('dialog input', name);
  await page.click('dialog button.danger');
  await page.waitForURL('**/projects');

  await page.goto(`${url}/dashboard/requests`);
  await page.waitForSelector('.chart .u-over');
  await page.focus('.chart .canvas');
  for (const key of ['ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft']) await page.keyboard.press(key);
  await page.keyboard.press('Enter');
  await page.waitForURL(/since=.*until=/).catch(() => problems.push('the chart above the requests selects by keys'));
  const chosen = new URL(page.url()).searchParams;
  check(Date.parse(chosen.get('until')) - Date.parse(chosen.get('since')) === 3 * 3600_000, `three hours are selected, not ${chosen}`);
  await page.waitForSelector('.scroll:not(.busy) tr[data-href]');
  await page.waitForSelector('.chart .u-over');
  const over = await page.locator('.chart .u-over').boundingBox();
  await page.mouse.move(over.x + over.width * 0.6, over.y + 40);
  await page.mouse.down();
  await page.mouse.move(over.x + over.width * 0.95, over.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL((to) => to.searchParams.get('since') > chosen.get('since')).catch(() => problems.push('the chart above the requests selects by the mouse'));

  await sums(page, audit);
  await columns(page, audit);

  await page.goto(`${url}/dashboard/requests`);
  await page.waitForSelector('tr[data-href]');
  const download = page.waitForEvent('download');
  await page.click('button:text-is("CSV")');
  const file = readFileSync(await (await download).path(), 'utf8');
  check(file.startsWith('request_id,attempt,entry,accepted'), 'CSV has a head');
  await page.click('text=+ filter');
  await page.fill('input[name=value]', 'demo');
  const filtered = page.waitForResponse((response) => /requests\?.*project=demo/.test(response.url()));
  await page.click('text=Apply');
  check(page.url().includes('project=demo'), 'a filter is in the address');
  await filtered;
  await page.waitForSelector('.scroll:not(.busy) tr[data-href]');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement.closest('tr[data-href]'));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/requests/req_*');
  await page.goBack();
  check(page.url().includes('project=demo'), 'back keeps the filter');
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await page.waitForURL('**/models');
  await page.click('text=Sign out');
  await page.waitForSelector('input[name=token]');
}

function picked(page, label) {
  return page.locator(`label.pick:has(> span:text-is("${label}")) select`);
}

function heads(page) {
  return page.locator('main table thead th').allTextContents();
}

// A request that is pasted is explained as it is, and is nowhere but in the page.
async function pasted(page, audit) {
  await page.click('summary');
  await page.fill('input[name=model]', '');
  const secret = 'words that nobody else reads '.repeat(400);
  await page.fill('textarea[name=body]', JSON.stringify({ model: 'second', stream: true, max_tokens: 5, messages: [{ role: 'user', content: secret }] }));
  const posted = page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/explain?'));
  await page.click('button:text-is("Explain")');
  check(!(await posted).url().includes('words') && (await posted).postData().includes(secret), 'what is pasted is posted');
  await page.waitForSelector('text=tokens of input');
  check(Number((await page.locator('p', { hasText: 'tokens of input' }).textContent()).match(/([\d\u202f]+) tokens of input/)[1].replace(/\D/g, '')) > 2000,
        'its size is judged');
  check(!page.url().includes('words') && !page.url().includes('model='), 'what is pasted is not in the address');
  await audit();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(200);
  check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'a pasted request fits a phone');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.fill('textarea[name=body]', '{"model": "second"');
  await page.click('button:text-is("Explain")');
  await page.waitForSelector('text=/Refused: 400/');
  await page.click('text=Remove it');
  await page.waitForSelector('text=A short request is assumed', { state: 'attached' }).catch(() => problems.push('a pasted request can be removed'));
  check(!await page.evaluate((words) => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]).includes(words), 'words that'), 'it is not kept');
}

// A test request, with a key that is typed once.
async function tried(page, audit) {
  await page.goto(`${url}/dashboard/keys?project=demo`);
  await page.click('h1 ~ button');
  await page.fill('dialog input[name=name]', 'tried');
  await page.click('dialog button[type=submit]');
  const key = await page.textContent('dialog .secret code');
  await page.click('text=I have copied it');
  await page.goto(`${url}/dashboard/start?model=fast`);
  await page.waitForSelector('input[name=key]');
  await page.fill('input[name=key]', 'gk-no-such-key');
  await page.click('text=Send a test request');
  await page.waitForSelector('[role=status] .mark:has-text("401")');
  await page.fill('input[name=key]', key);
  await page.click('text=Send a test request');
  await page.waitForSelector('[role=status] .mark.good:has-text("200")');
  check((await page.textContent('.said')).trim() !== '', 'the answer is shown');
  await page.waitForSelector('[role=status] a[href*="/requests/req_"]');
  check(await page.inputValue('input[name=key]') === '', 'the key is gone from its field');
  check(!(await page.content()).includes(key) && !page.url().includes(key), 'the key is nowhere in the page');
  check(!await page.evaluate((given) => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]).includes(given), key), 'the key is not kept');
  check((await page.textContent('.prompt')).includes(`${url}/v1`), 'the prompt of an agent has the base URL');
  await audit();
}

// The controls of the usage page, by mouse and by keys.
async function sums(page, audit) {
  await page.goto(`${url}/dashboard/usage?span=30d`);
  await page.waitForSelector('.chart .u-over');
  await picked(page, 'then by').selectOption('model');
  await page.waitForURL(/then=model/);
  await page.waitForSelector('th:has-text("Model")');
  check((await heads(page)).slice(0, 2).join() === 'Project,Model', 'a second dimension has a column');
  await page.getByLabel('Cumulative').focus();
  await page.keyboard.press('Space');
  await page.waitForURL(/cumulative=1/);
  await page.waitForSelector('h2:has-text("cumulative")');
  await page.getByLabel('Span before').click();
  await page.waitForSelector('th:has-text("Change")');
  await page.waitForSelector('.legend :text("the span before")');
  await picked(page, 'As').selectOption('lines');
  await audit();
  for (const rollup of ['quarter', 'hour', 'week', 'month']) {
    await picked(page, 'Columns').selectOption(rollup);
    await page.waitForURL(new RegExp(`rollup=${rollup}`));
    await page.waitForSelector('.chart .u-over');
  }
  await page.focus('.chart .canvas');
  await page.keyboard.press('ArrowLeft');
  check(/^\d{4}-\d\d: \$.*, the span before /.test(await page.locator('.readout').textContent()), 'the readout has a month and what was before');
  await page.click('.chart button:text-is("Table")');
  check((await page.locator('.chart table th').allTextContents()).includes('the span before'), 'the table of the chart has what was before');
  await audit();
  const file = page.waitForEvent('download');
  await page.click('button:text-is("JSON")');
  check(JSON.parse(readFileSync(await (await file).path(), 'utf8'))[0].cost !== undefined, 'JSON has the sums');
  await picked(page, 'Show').selectOption('requests');
  await page.click('.chart button:text-is("Table")');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(300);
  check(await page.evaluate(() => [...document.querySelectorAll('main .scroll:has(tfoot)')].every((one) => one.scrollWidth <= one.clientWidth)),
        'the sums fit a phone');
  await audit();
  await page.setViewportSize({ width: 1440, height: 900 });
}

// Which columns the requests have is kept; filters by what a row is.
async function columns(page, audit) {
  await page.goto(`${url}/dashboard/requests`);
  await page.waitForSelector('tr[data-href]');
  await page.keyboard.press('v');
  await page.getByLabel('Flags').focus();
  await page.keyboard.press('Space');
  await page.getByLabel('First byte').click();
  await audit();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.waitForSelector('th:has-text("Flags")');
  check(!(await heads(page)).includes('First byte'), 'columns that are not chosen are not shown');
  await page.click('button:text-is("Columns")');
  await page.click('text=As at first');
  await page.click('text=Done');
  check((await heads(page)).includes('First byte') && !(await heads(page)).includes('Flags'), 'the usual columns come back');
  for (const [name, value] of [['streamed', 'true'], ['flag', 'client_left'], ['endpoint', 'embeddings']]) {
    await page.click('text=+ filter');
    await page.getByLabel('Filter').selectOption(name);
    await page.locator('[name=value]').selectOption(value);
    const asked = page.waitForResponse((response) => new URL(response.url()).searchParams.get(name) === value && response.url().includes('/requests?'));
    await page.click('text=Apply');
    check((await asked).status() === 200, `${name} is a filter`);
  }
  await page.waitForSelector('text=No request matches');
  check(await page.locator('.note', { hasText: 'streamed, flag' }).count() === 1, 'the chart says what it does not know');
  await page.locator('.chip', { hasText: 'endpoint' }).click();
  check(!page.url().includes('endpoint='), 'a filter is taken away');
  await page.goto(`${url}/dashboard/requests`);
  for (const code of ['rate_limit_exceeded', 'provider_error']) {
    await page.click('text=+ filter');
    await page.getByLabel('Filter').selectOption('code');
    await page.fill('input[name=value]', code);
    const both = page.waitForResponse((response) => response.url().includes('/requests?') && new URL(response.url()).searchParams.getAll('code').includes(code));
    await page.click('text=Apply');
    check((await both).status() === 200, 'codes are filtered by');
  }
  check(new URL(page.url()).searchParams.getAll('code').length === 2, 'two codes are in the address');
  await page.locator('.chip', { hasText: 'rate_limit_exceeded' }).click();
  check(new URL(page.url()).searchParams.getAll('code').join() === 'provider_error', 'one of two codes is taken away');
  await page.goto(`${url}/dashboard/routes?model=second`);
  await page.waitForSelector('th:has-text("First event")');
  await pasted(page, audit);
  await page.goto(`${url}/dashboard/providers`);
  await page.waitForSelector('th:has-text("24 h")');
}
