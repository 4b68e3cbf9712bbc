// What the scripts of JavaScript clients share; as check.py.
import { readFileSync } from "node:fs";

export const URL_ = process.env.GATEWAY_URL, KEY = process.env.GATEWAY_KEY, NAME = process.env.CLIENT;
export const HELLO = "hello there", SAID = "You said: hello there", WRONG = "gk-wrong";
export const LIMITED = `limited-${NAME}`, BUSY = `busy-${NAME}`, SLOW = `slow-${NAME}`;

export async function run(folder, features) {
  const found = {};
  for (const [name, feature] of Object.entries(features)) {
    try {
      await feature();
      found[name] = "";
    } catch (error) {
      found[name] = String(error.stack ?? error).slice(0, 1500);
    }
  }
  const { version } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url)));
  console.log(JSON.stringify({ version, features: found }));
}
