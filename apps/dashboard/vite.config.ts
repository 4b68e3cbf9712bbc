import { defineConfig } from 'vitest/config';

// While developing, `npm run dev` serves the pages and hands the administration's calls to a gateway that runs.
const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8080';

// As the gateway sends it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export default defineConfig({
  base: '/dashboard/',
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: true },
  server: { proxy: { '/admin/v1': gateway, '/dashboard/session': gateway, '/v1': gateway } },
  preview: { proxy: { '/admin/v1': gateway, '/dashboard/session': gateway, '/v1': gateway }, headers: { 'content-security-policy': policy } },
  test: { include: ['tests/**/*.test.ts'] },
});
