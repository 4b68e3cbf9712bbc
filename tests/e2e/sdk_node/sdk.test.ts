// The official Node SDK against the real binary. test_sdk_node.py starts both sides and says where they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";

const baseURL = process.env.GATEWAY_URL!;
const apiKey = process.env.GATEWAY_KEY!;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const narrow = new OpenAI({ baseURL, apiKey: process.env.NARROW_KEY!, maxRetries: 0 });
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hello there" }];
const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test("chat", async () => {
  const answer = await client.chat.completions.create({ model: "test", messages });
  assert.equal(answer.choices[0].message.content, "You said: hello there");
  assert.equal(answer.usage!.total_tokens, answer.usage!.prompt_tokens + answer.usage!.completion_tokens);
  assert.match(answer._request_id!, /^req_/);
});

test("stream", async () => {
  const chunks = await collect(await client.chat.completions.create({ model: "test", messages, stream: true }));
  assert.equal(chunks.map((c) => c.choices[0].delta.content ?? "").join(""), "You said: hello there");
  assert.equal(chunks.at(-1)!.choices[0].finish_reason, "stop");
});

test("stream with usage", async () => {
  const chunks = await collect(
    await client.chat.completions.create({ model: "test", messages, stream: true, stream_options: { include_usage: true } }),
  );
  assert.deepEqual(chunks.at(-1)!.choices, []);
  assert.ok(chunks.at(-1)!.usage!.completion_tokens > 0);
});

test("stream helper", async () => {
  const stream = client.chat.completions.stream({ model: "test", messages });
  assert.equal(await stream.finalContent(), "You said: hello there");
});

test("tools", async () => {
  const answer = await client.chat.completions.create({ model: "test", messages, tools: [weather] });
  const call = answer.choices[0].message.tool_calls![0] as OpenAI.ChatCompletionMessageFunctionToolCall;
  assert.equal(call.function.name, "weather");
  assert.equal(answer.choices[0].finish_reason, "tool_calls");
});

test("streamed tools", async () => {
  const stream = client.chat.completions.stream({ model: "test", messages, tools: [weather] });
  const message = await stream.finalMessage();
  assert.equal((message.tool_calls![0] as OpenAI.ChatCompletionMessageFunctionToolCall).function.arguments, '{"city":"Paris"}');
});

test("JSON schema", async () => {
  const answer = await client.chat.completions.create({
    model: "test",
    messages,
    response_format: { type: "json_schema", json_schema: { name: "person", schema: { type: "object" } } },
  });
  assert.deepEqual(JSON.parse(answer.choices[0].message.content!), { name: "Ada", age: 36 });
});

test("vision parts reach the provider byte for byte", async () => {
  const url = "data:image/png;base64," + Buffer.from(new Uint8Array(9000).map((_, i) => i % 256)).toString("base64");
  const content: OpenAI.ChatCompletionContentPart[] = [
    { type: "text", text: "what is this, größe ☃" },
    { type: "image_url", image_url: { url } },
  ];
  const answer = await client.chat.completions.create({ model: "echo-body", messages: [{ role: "user", content }] });
  const received = JSON.parse(Buffer.from(answer.choices[0].message.content!, "base64").toString());
  assert.deepEqual(received.messages[0].content, content);
});

test("embeddings as floats", async () => {
  const answer = await client.embeddings.create({ model: "test", input: ["one", "two"], dimensions: 16, encoding_format: "float" });
  assert.deepEqual(answer.data.map((item) => item.embedding.length), [16, 16]);
});

test("embeddings as base64, which the SDK asks for and decodes", async () => {
  const plain = await client.embeddings.create({ model: "test", input: "one", dimensions: 4, encoding_format: "float" });
  const decoded = await client.embeddings.create({ model: "test", input: "one", dimensions: 4 });
  assert.deepEqual(Array.from(decoded.data[0].embedding), plain.data[0].embedding);
});

test("embeddings of tokens", async () => {
  const answer = await client.embeddings.create({ model: "test", input: [[1, 2], [3]], encoding_format: "float" });
  assert.equal(answer.data.length, 2);
});

test("models", async () => {
  const all = (await collectIds(client)).sort();
  assert.ok(all.includes("private") && all.includes("vendor/some-model"));
  assert.ok(!(await collectIds(narrow)).includes("private"));
  assert.equal((await client.models.retrieve("vendor/some-model")).id, "vendor/some-model");
  await assert.rejects(narrow.models.retrieve("private"), OpenAI.NotFoundError);
});

async function collectIds(from: OpenAI) {
  const ids: string[] = [];
  for await (const model of from.models.list()) ids.push(model.id);
  return ids;
}

async function failure(promise: Promise<unknown>) {
  try {
    await promise;
  } catch (error) {
    return error as InstanceType<typeof OpenAI.APIError>;
  }
  return assert.fail("no error");
}

test("authentication error", async () => {
  const stranger = new OpenAI({ baseURL, apiKey: "gk-wrong", maxRetries: 0 });
  const error = await failure(stranger.chat.completions.create({ model: "test", messages }));
  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.equal(error.code, "invalid_api_key");
});

test("permission denied error", async () => {
  const error = await failure(narrow.chat.completions.create({ model: "private", messages }));
  assert.ok(error instanceof OpenAI.PermissionDeniedError);
  assert.equal(error.code, "model_not_allowed");
});

for (const [model, kind, code] of [
  ["status-400", OpenAI.BadRequestError, null],
  ["status-404", OpenAI.NotFoundError, null],
  ["status-422", OpenAI.UnprocessableEntityError, null],
  ["status-429", OpenAI.RateLimitError, "provider_rate_limited"],
  ["status-500", OpenAI.InternalServerError, "provider_error"],
  ["status-401", OpenAI.InternalServerError, "provider_unavailable"],
] as const) {
  test(`${model} of the provider is ${kind.name}`, async () => {
    const error = await failure(client.chat.completions.create({ model, messages }));
    assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
    if (code) assert.equal(error.code, code);
  });
}

test("rate limit error, and the SDK's own retries", async () => {
  const slow = new OpenAI({ baseURL, apiKey: process.env.SLOW_KEY!, maxRetries: 0 });
  const ask = () => slow.chat.completions.create({ model: "test", messages });
  await ask();
  await ask();
  const error = await failure(ask());
  assert.ok(error instanceof OpenAI.RateLimitError);
  assert.equal(error.code, "rate_limit_exceeded");
  assert.ok(Number(error.headers!.get("retry-after")) >= 1);
});

test("retries of the SDK get through once the provider is well again", async () => {
  const patient = new OpenAI({ baseURL, apiKey, maxRetries: 3 });
  const answer = await patient.chat.completions.create({ model: "well-again", messages });
  assert.equal(answer.choices[0].message.content, "well again");
});

test("connection error", async () => {
  const nowhere = new OpenAI({ baseURL: "http://127.0.0.1:9/v1", apiKey, maxRetries: 0 });
  assert.ok((await failure(nowhere.models.list())) instanceof OpenAI.APIConnectionError);
});

test("timeout error", async () => {
  const error = await failure(client.chat.completions.create({ model: "silence", messages }, { timeout: 500 }));
  assert.ok(error instanceof OpenAI.APIConnectionTimeoutError);
});

for (const model of ["mid-stream-error", "mid-stream-reset", "clean-end-without-finish"]) {
  test(`a stream with ${model} throws`, async () => {
    let text = "";
    const error = await failure(
      (async () => {
        for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
          text += chunk.choices[0].delta.content ?? "";
      })(),
    );
    assert.ok(error instanceof Error);
    assert.equal(text, "Hel");
  });
}

test("leaving a stream early", async () => {
  const stream = await client.chat.completions.create({ model: "slow-stream", messages, stream: true });
  for await (const _ of stream) break;
});
