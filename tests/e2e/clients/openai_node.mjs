// OpenAI's SDK for Node: openai_node.mjs FOLDER, where the package is.
import assert from "node:assert/strict";
import { BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL_, WRONG, run } from "./check.mjs";

const { default: OpenAI } = await import(`./${process.argv[2]}/index.mjs`);
const client = new OpenAI({ baseURL: URL_, apiKey: KEY, maxRetries: 0 });
const messages = [{ role: "user", content: HELLO }];
const ask = (model, more, by = client) => by.chat.completions.create({ model, messages, ...more });
const parameters = { type: "object", properties: { city: { type: "string" } } };

await run(process.argv[2], {
  async chat() {
    assert.equal((await ask("test")).choices[0].message.content, SAID);
  },
  async stream() {
    let text = "";
    for await (const event of await ask("test", { stream: true })) text += event.choices[0]?.delta?.content ?? "";
    assert.equal(text, SAID);
  },
  async tools() {
    const answer = await ask("test", { tools: [{ type: "function", function: { name: "weather", parameters } }] });
    assert.equal(answer.choices[0].message.tool_calls[0].function.arguments, '{"city":"Paris"}');
  },
  async structured() {
    const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } } };
    const answer = await ask("test", { response_format: { type: "json_schema", json_schema: { name: "person", schema } } });
    assert.deepEqual(JSON.parse(answer.choices[0].message.content), { name: "Ada", age: 36 });
  },
  async embeddings() {
    const answer = await client.embeddings.create({ model: "test", input: ["one", "two"] });
    assert.deepEqual(answer.data.map((each) => each.embedding.length), [8, 8]);
  },
  async errors() {
    await assert.rejects(ask("test", {}, client.withOptions({ apiKey: WRONG })), OpenAI.AuthenticationError);
    await assert.rejects(ask("status-404"), OpenAI.NotFoundError);
    await assert.rejects(ask(LIMITED), OpenAI.RateLimitError);
  },
  async retries() {
    assert.equal((await ask(BUSY, {}, client.withOptions({ maxRetries: 1 }))).choices[0].message.content, "well again");
  },
  async cancel() {
    for await (const _ of await ask(SLOW, { stream: true })) break;
  },
});
