// Vercel's AI SDK: ai_sdk.mjs openai | openai-compatible
import assert from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, embedMany, generateText, streamText, tool } from "ai";
import { z } from "zod";
import { BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL_, WRONG, run } from "./check.mjs";

const kind = process.argv[2];
const provider = (apiKey = KEY) =>
  kind === "openai"
    ? createOpenAI({ baseURL: URL_, apiKey })
    : createOpenAICompatible({ name: "gateway", baseURL: URL_, apiKey, supportsStructuredOutputs: true });
const model = (name, key) => (kind === "openai" ? provider(key).chat(name) : provider(key).chatModel(name));
const ask = (name, more = {}, key) => generateText({ model: model(name, key), prompt: HELLO, maxRetries: 0, ...more });
const status = (code) => (error) => APICallError.isInstance(error) && error.statusCode === code;

await run(`node_modules/@ai-sdk/${kind}`, {
  async chat() {
    const answer = await ask("test");
    assert.equal(answer.text, SAID);
    assert.ok(answer.usage.totalTokens > 0);
  },
  async stream() {
    let text = "";
    for await (const piece of streamText({ model: model("test"), prompt: HELLO }).textStream) text += piece;
    assert.equal(text, SAID);
  },
  async tools() {
    const weather = tool({ description: "weather", inputSchema: z.object({ city: z.string() }) });
    assert.deepEqual((await ask("test", { tools: { weather } })).toolCalls[0].input, { city: "Paris" });
  },
  async structured() {
    const output = Output.object({ schema: z.object({ name: z.string(), age: z.number() }) });
    assert.deepEqual((await ask("test", { output })).output, { name: "Ada", age: 36 });
  },
  async embeddings() {
    const embedder = kind === "openai" ? provider().embedding("test") : provider().embeddingModel("test");
    const answer = await embedMany({ model: embedder, values: ["one", "two"] });
    assert.deepEqual(answer.embeddings.map((each) => each.length), [8, 8]);
  },
  async errors() {
    await assert.rejects(ask("test", {}, WRONG), status(401));
    await assert.rejects(ask("status-404"), status(404));
    await assert.rejects(ask(LIMITED), status(429));
  },
  async retries() {
    assert.equal((await ask(BUSY, { maxRetries: 1 })).text, "well again");
  },
  async cancel() {
    const leaving = new AbortController();
    const { textStream } = streamText({ model: model(SLOW), prompt: HELLO, abortSignal: leaving.signal, onError() {} });
    for await (const _ of textStream) {
      leaving.abort();
      break;
    }
  },
});
