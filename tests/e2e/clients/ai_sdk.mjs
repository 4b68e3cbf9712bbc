// Vercel's AI SDK: ai_sdk.mjs openai | openai-compatible | responses | anthropic
import assert from "node:assert/strict";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, embedMany, generateText, streamText, tool } from "ai";
import { z } from "zod";
import { BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL_, WRONG, run } from "./check.mjs";

const kind = process.argv[2];
const NO_EMBEDDINGS = ["responses", "anthropic"]; // of these APIs
const MODELS = {
  openai: (name, apiKey) => createOpenAI({ baseURL: URL_, apiKey }).chat(name),
  responses: (name, apiKey) => createOpenAI({ baseURL: URL_, apiKey }).responses(name),
  anthropic: (name, apiKey) => createAnthropic({ baseURL: URL_, apiKey })(name),
  "openai-compatible": (name, apiKey) => compatible(apiKey).chatModel(name),
};
const compatible = (apiKey) => createOpenAICompatible({ name: "gateway", baseURL: URL_, apiKey, supportsStructuredOutputs: true });
const model = (name, apiKey = KEY) => MODELS[kind](name, apiKey);
const ask = (name, more = {}, key) => generateText({ model: model(name, key), prompt: HELLO, maxRetries: 0, ...more });
const status = (code) => (error) => APICallError.isInstance(error) && error.statusCode === code;

const features = {
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
    const providerOptions = { anthropic: { structuredOutputMode: "outputFormat" } };
    assert.deepEqual((await ask("test", { output, providerOptions })).output, { name: "Ada", age: 36 });
  },
  async embeddings() {
    const embedder =
      kind === "openai" ? createOpenAI({ baseURL: URL_, apiKey: KEY }).embedding("test") : compatible(KEY).embeddingModel("test");
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
};
if (NO_EMBEDDINGS.includes(kind)) delete features.embeddings;
await run(`node_modules/@ai-sdk/${kind === "responses" ? "openai" : kind}`, features);
