"""What a caller may still use, and what a refusal looks like.

    pip install openai httpx
    GATEWAY_KEY=gk-... python examples/limits.py
"""

import os

import httpx
import openai

base_url = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080/v1")
key = os.environ["GATEWAY_KEY"]

own = httpx.get(f"{base_url}/key", headers={"authorization": f"Bearer {key}"}).json()["data"]
print("project", own["project"], "remaining", own["remaining"])
for cap in own["spend"]:
    print(f"{cap['spent']} of {cap['cap']} USD spent this {cap['period']}, {cap['held']} held, resets at {cap['resets_at']}")

client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)
try:
    client.chat.completions.create(model="no/such-model", messages=[{"role": "user", "content": "hello"}])
except openai.NotFoundError as error:
    print("refused:", error.code)
