// InsForge's JavaScript SDK, three versions of it, against the real binary. test_insforge.py starts both sides.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient as newest } from "@insforge/sdk";
import { createClient as v1_0 } from "insforge-1-0";
import { createClient as v1_1 } from "insforge-1-1";

const baseUrl = process.env.GATEWAY_URL!;
const anonKey = process.env.GATEWAY_KEY!;
const messages = [{ role: "user" as const, content: "hello there" }];
const weather = { type: "function" as const, function: { name: "weather", parameters: { type: "object", properties: {} } } };
const versions: [string, any][] = [["1.5.2", newest], ["1.1.6", v1_1], ["1.0.8", v1_0]];

for (const [version, createClient] of versions) {
  const client = createClient({ baseUrl, anonKey });

  test(`${version}: chat`, async () => {
    const answer = await client.ai.chat.completions.create({ model: "test", messages, maxTokens: 50, temperature: 0 });
    assert.equal(answer.choices[0].message.content, "You said: hello there");
    assert.equal(answer.choices[0].finish_reason, "stop");
    assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.total_tokens > answer.usage.prompt_tokens);
  });

  test(`${version}: stream`, async () => {
    const stream = await client.ai.chat.completions.create({ model: "test", messages, stream: true });
    let text = "", pieces = 0;
    for await (const event of stream) {
      const piece = event.choices[0]?.delta?.content;
      if (piece) (text += piece), ++pieces;
    }
    assert.equal(text, "You said: hello there");
    assert.ok(pieces > 1);
  });

  test(`${version}: an error before the answer`, async () => {
    await assert.rejects(client.ai.chat.completions.create({ model: "no-such-model", messages }), (error: any) => {
      assert.equal(error.statusCode, 404);
      assert.equal(error.error, "AI_INVALID_MODEL");
      assert.match(error.message, /no-such-model/);
      return true;
    });
  });

  test(`${version}: a stream that breaks off`, async () => {
    const stream = await client.ai.chat.completions.create({ model: "breaks", messages, stream: true });
    await assert.rejects(async () => {
      for await (const _ of stream);
    });
  });

  test(`${version}: pictures`, async () => {
    const answer = await client.ai.images.generate({ model: "painter", prompt: "a cat" });
    assert.equal(answer.data[0].b64_json, "aGVsbG8=");
    assert.equal(answer.data[0].content, "Here it is");
  });

  test(`${version}: a key that is not known`, async () => {
    const stranger = createClient({ baseUrl, anonKey: "anon_nobody" });
    await assert.rejects(stranger.ai.chat.completions.create({ model: "test", messages }), (error: any) => {
      assert.equal(error.statusCode, 401);
      assert.equal(error.error, "AUTH_INVALID_API_KEY");
      return true;
    });
  });
}

for (const [version, createClient] of versions.slice(0, 2)) {
  const client = createClient({ baseUrl, anonKey });

  test(`${version}: tools`, async () => {
    const answer = await client.ai.chat.completions.create({ model: "test", messages, tools: [weather], toolChoice: "auto" });
    assert.equal(answer.choices[0].message.tool_calls[0].function.name, "weather");
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
  });

  test(`${version}: streamed tools`, async () => {
    const stream = await client.ai.chat.completions.create({ model: "test", messages, tools: [weather], stream: true });
    let calls: any[] = [];
    for await (const event of stream) calls = event.choices[0]?.delta?.tool_calls ?? calls;
    assert.equal(calls[0].function.arguments, '{"city":"Paris"}');
  });

  test(`${version}: embeddings`, async () => {
    const answer = await client.ai.embeddings.create({ model: "vectors", input: ["a", "b"] });
    assert.equal(answer.data.length, 2);
    assert.equal(answer.model, "vectors");
    assert.equal(answer.usage.prompt_tokens, 2);
  });
}
