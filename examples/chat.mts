// A chat through the gateway with the official OpenAI package: only the base URL and the key are different.
//
//   npm install openai tsx
//   GATEWAY_KEY=gk-... npx tsx examples/chat.mts
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: process.env.GATEWAY_URL ?? "http://127.0.0.1:8080/v1",
  apiKey: process.env.GATEWAY_KEY,
});
const model = process.env.MODEL ?? "simulated/echo";
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Say hello to the gateway." }];

const answer = await client.chat.completions.create({ model, messages });
console.log(answer.choices[0].message.content);

const stream = await client.chat.completions.create({ model, messages, stream: true });
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
console.log();
