// Writes the built files, and the licences of what is in them, as one C++ source: node embed.mjs DIST OUT.cc
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const kTypes = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8',
};
// What the first page loads, and all of it, in bytes as they are sent.
const kMostAtFirst = 45 * 1024;
const kMostInAll = 110 * 1024;

const [dist, out] = process.argv.slice(2);
const root = join(import.meta.dirname, '..');

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]);
}

/** The packages that end up in the files: those of `dependencies`, and theirs. */
function licences() {
  const seen = new Set();
  const texts = [];
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const folder = join(root, 'node_modules', name);
    const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e(\.|$)/i.test(one));
    if (!file) throw new Error(`${name} has no licence in its package`);
    texts.push(`${name} ${about.version} (${about.license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`);
    for (const needed of Object.keys(about.dependencies ?? {})) visit(needed);
  };
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(own.dependencies).sort()) visit(name);
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 24) {
    lines.push('"' + [...bytes.subarray(at, at + 24)].map((byte) => '\\' + byte.toString(8).padStart(3, '0')).join('') + '"');
  }
  return lines.join('\n    ');
}

const files = filesIn(dist).map((path) => ({ path: relative(dist, path), bytes: readFileSync(path) }));
if (!files.some((file) => file.path === 'index.html')) throw new Error(`${dist} has no index.html`);
files.push({ path: 'licenses.txt', bytes: Buffer.from(licences()) });
files.sort((a, b) => (a.path < b.path ? -1 : 1));

const page = files.find((file) => file.path === 'index.html').bytes.toString();
let at_first = 0;
let in_all = 0;
const parts = files.map(({ path, bytes }, i) => {
  const type = kTypes[extname(path)];
  if (!type) throw new Error(`${path}: no type is known for it`);
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });
  const is_hashed = path.startsWith('assets/');
  if (path !== 'licenses.txt') in_all += gzip.length;
  if (path === 'index.html' || page.includes(path)) at_first += gzip.length;
  const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return {
    data: `constexpr char k${i}Gzip[] =\n    ${literal(gzip)};\n\nconstexpr char k${i}Brotli[] =\n    ${literal(brotli)};`,
    row: `    {"${path}", "${type}", "\\"${etag}\\"", ${is_hashed}, {k${i}Gzip, sizeof k${i}Gzip - 1}, {k${i}Brotli, sizeof k${i}Brotli - 1}},`,
  };
});
if (at_first > kMostAtFirst) throw new Error(`the first page loads ${at_first} bytes, more than ${kMostAtFirst}`);
if (in_all > kMostInAll) throw new Error(`all files have ${in_all} bytes, more than ${kMostInAll}`);

const source = `// Made by the build from apps/dashboard.
#include "app/dashboard/assets.h"

namespace gateway::app {
namespace {

${parts.map((part) => part.data).join('\n\n')}

constexpr DashboardAsset kAssets[] = {
${parts.map((part) => part.row).join('\n')}
};

}  // namespace

std::span<const DashboardAsset> dashboard_assets() noexcept { return kAssets; }

}  // namespace gateway::app
`;
if (!existsSync(out) || readFileSync(out, 'utf8') !== source) writeFileSync(out, source);
console.log(`dashboard: ${files.length} files; ${at_first} bytes at first, ${in_all} in all`);
