// LangChain for JavaScript.
import assert from "node:assert/strict";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL_, WRONG, run } from "./check.mjs";

const model = (name, more = {}) =>
  new ChatOpenAI({ model: name, apiKey: KEY, maxRetries: 0, ...more, configuration: { baseURL: URL_ } });
const status = (code) => (error) => error.status === code;

await run("node_modules/@langchain/openai", {
  async chat() {
    assert.equal((await model("test").invoke(HELLO)).content, SAID);
  },
  async stream() {
    let text = "";
    for await (const piece of await model("test").stream(HELLO)) text += piece.content;
    assert.equal(text, SAID);
  },
  async tools() {
    const weather = tool(async () => "sunny", { name: "weather", description: "weather", schema: z.object({ city: z.string() }) });
    assert.deepEqual((await model("test").bindTools([weather]).invoke(HELLO)).tool_calls[0].args, { city: "Paris" });
  },
  async structured() {
    const schema = z.object({ name: z.string(), age: z.number() });
    const by = model("test").withStructuredOutput(schema, { method: "jsonSchema", name: "person" });
    assert.deepEqual(await by.invoke(HELLO), { name: "Ada", age: 36 });
  },
  async embeddings() {
    const by = new OpenAIEmbeddings({ model: "test", apiKey: KEY, configuration: { baseURL: URL_ } });
    assert.deepEqual((await by.embedDocuments(["one", "two"])).map((each) => each.length), [8, 8]);
  },
  async errors() {
    await assert.rejects(model("test", { apiKey: WRONG }).invoke(HELLO), status(401));
    await assert.rejects(model("status-404").invoke(HELLO), status(404));
    await assert.rejects(model(LIMITED).invoke(HELLO), status(429));
  },
  async retries() {
    assert.equal((await model(BUSY, { maxRetries: 1 }).invoke(HELLO)).content, "well again");
  },
  async cancel() {
    const leaving = new AbortController();
    for await (const piece of await model(SLOW).stream(HELLO, { signal: leaving.signal })) if (piece.content) break;
    leaving.abort();
  },
});
