// A chat through the gateway with InsForge's SDK: the gateway's address without /v1, its key in the anon key's place.
//
//   npm install @insforge/sdk tsx
//   GATEWAY_KEY=gk-... npx tsx examples/insforge.mts
import { createClient } from "@insforge/sdk";

const client = createClient({
  baseUrl: (process.env.GATEWAY_URL ?? "http://127.0.0.1:8080").replace(/\/v1$/, ""),
  anonKey: process.env.GATEWAY_KEY!,
});
const model = process.env.MODEL ?? "simulated/echo";
const messages = [{ role: "user" as const, content: "Say hello to the gateway." }];

const answer = await client.ai.chat.completions.create({ model, messages });
console.log(answer.choices[0].message.content);

const stream = await client.ai.chat.completions.create({ model, messages, stream: true });
for await (const event of stream) process.stdout.write(event.choices[0]?.delta?.content ?? "");
console.log();
process.exit(0);
