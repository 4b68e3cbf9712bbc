// The official MCP clients of Node, which check each answer against the tool's schema themselves. test_mcp.py starts
// the server and says where it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const url = new URL(process.env.MCP_URL!);
const info = { name: "test", version: "1" };
const headers = (credential: string) => ({ requestInit: { headers: { Authorization: `Bearer ${credential}` } } });

// Each reading tool that needs no argument, so that its answer is checked.
const plain = ["get_account", "get_usage", "get_budget", "list_requests", "explain_refusal", "list_models",
  "get_provider_health", "list_keys"];

async function check(client: any, admin: boolean) {
  const names = (await client.listTools()).tools.map((tool: any) => tool.name);
  assert.equal(names.includes("list_projects"), admin);
  for (const name of admin ? [...plain, "list_projects", "get_reconciliation"] : plain) {
    const result = await client.callTool({ name, arguments: {} });
    assert.ok(!result.isError, JSON.stringify(result));
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  }
  const mended = await client.callTool({ name: "get_usage", arguments: { by: ["modle"] } });
  assert.ok(mended.isError);
  assert.match(mended.content[0].text, /did you mean 'model'/);
  await client.close();
}

const key = process.env.GATEWAY_KEY!;
const adminToken = process.env.ADMIN_TOKEN!;

test("version 1", async () => {
  const client = new ClientV1(info);
  await client.connect(new TransportV1(url, headers(key)) as any);
  await check(client, false);
});

test("version 2 with the handshake", async () => {
  const client = new Client(info);
  await client.connect(new StreamableHTTPClientTransport(url, headers(key)));
  await check(client, false);
});

test("version 2 without it", async () => {
  const client = new Client(info, { versionNegotiation: { mode: "auto" } } as any);
  await client.connect(new StreamableHTTPClientTransport(url, headers(key)));
  await check(client, false);
});

test("version 2 for the administration", async () => {
  const client = new Client(info, { versionNegotiation: { mode: "auto" } } as any);
  await client.connect(new StreamableHTTPClientTransport(url, headers(adminToken)));
  await check(client, true);
});
