"""A chat through the gateway with the official OpenAI package: only the base URL and the key are different.

    pip install openai
    GATEWAY_KEY=gk-... python examples/chat.py
"""

import os

import openai

client = openai.OpenAI(
    base_url=os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080/v1"),
    api_key=os.environ["GATEWAY_KEY"],
)
model = os.environ.get("MODEL", "simulated/echo")
question = [{"role": "user", "content": "Say hello to the gateway."}]

answer = client.chat.completions.with_raw_response.create(model=model, messages=question)
print(answer.parse().choices[0].message.content)
print("request", answer.headers["x-request-id"], "served by", answer.headers["x-gateway-provider"])

with client.chat.completions.create(
    model=model, messages=question, stream=True, stream_options={"include_usage": True}
) as chunks:
    for chunk in chunks:
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
        if chunk.usage:
            print(f"\n{chunk.usage.prompt_tokens} tokens in, {chunk.usage.completion_tokens} out")
