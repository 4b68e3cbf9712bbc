// Embeddings through the gateway, and which of two texts is nearer to a third.
//
//   npm install openai tsx
//   GATEWAY_KEY=gk-... npx tsx examples/embeddings.mts
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: process.env.GATEWAY_URL ?? "http://127.0.0.1:8080/v1",
  apiKey: process.env.GATEWAY_KEY,
});
const input = ["a small dog", "a large dog", "a tax form"];
const { data } = await client.embeddings.create({ model: process.env.MODEL ?? "simulated/embed", input, dimensions: 64 });

function distance(a: number[], b: number[]) {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
}

const [first, ...others] = data.map((item) => Array.from(item.embedding));
others.forEach((vector, i) => console.log(`${input[0]} - ${input[i + 1]}: ${distance(first, vector).toFixed(4)}`));
