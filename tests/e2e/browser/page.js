// What the page does: each feature of the SDK once. Bundled with the SDK by esbuild, as applications are.
import { createClient } from "@insforge/sdk";

const at = new URLSearchParams(location.search);
const client = createClient({ baseUrl: at.get("gateway"), anonKey: at.get("key") });
const messages = [{ role: "user", content: "hello there" }];
const found = {};

async function feature(name, ask) {
  try {
    found[name] = await ask();
  } catch (error) {
    found[name] = `FAILS: ${error.statusCode ?? ""} ${error.message}`;
  }
}

await feature("chat", async () => (await client.ai.chat.completions.create({ model: "test", messages })).choices[0].message.content);
await feature("stream", async () => {
  let text = "";
  for await (const event of await client.ai.chat.completions.create({ model: "test", messages, stream: true })) {
    text += event.choices[0]?.delta?.content ?? "";
  }
  return text;
});
await feature("embeddings", async () => (await client.ai.embeddings.create({ model: "vectors", input: ["a", "b"] })).data.length);
await feature("images", async () => (await client.ai.images.generate({ model: "painter", prompt: "a cat" })).data[0].b64_json);
await feature("error", async () => {
  const error = await client.ai.chat.completions.create({ model: "no-such-model", messages }).catch((caught) => caught);
  return [error.statusCode, error.error];
});
await feature("request id", async () => {
  const answer = await fetch(`${at.get("gateway")}/api/ai/models`, { headers: { authorization: `Bearer ${at.get("key")}` } });
  return answer.headers.get("x-request-id");
});
globalThis.found = found;
