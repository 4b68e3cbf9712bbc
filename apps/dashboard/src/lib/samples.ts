// Samples of code for this server: plain HTTP and the official packages of OpenAI, with another base URL.

export const kLanguages = [
  ['curl', 'curl'], ['python', 'Python'], ['typescript', 'TypeScript'], ['insforge', 'InsForge'], ['go', 'Go'], ['swift', 'Swift'], ['kotlin', 'Kotlin'],
] as const;
export type Language = (typeof kLanguages)[number][0];

/** `base` ends in /v1. The key is the environment's: no sample contains one. */
export function sample(language: Language, base: string, model: string, stream: boolean): string {
  const quoted = JSON.stringify(model);
  switch (language) {
    case 'curl': {
      const body = JSON.stringify({ model, ...(stream ? { stream: true } : {}), messages: [{ role: 'user', content: 'Hello' }] });
      return [`curl ${stream ? '-N ' : ''}${base}/chat/completions \\`, '  -H "authorization: Bearer $GATEWAY_KEY" \\',
              '  -H "content-type: application/json" \\', `  -d '${body.replaceAll("'", "'\\''")}'`].join('\n');
    }
    case 'python':
      return ['import os', 'from openai import OpenAI', '', 'client = OpenAI(', `    base_url="${base}",`,
              '    api_key=os.environ["GATEWAY_KEY"],', ')',
              `${stream ? 'stream' : 'answer'} = client.chat.completions.create(`, `    model=${quoted},`,
              '    messages=[{"role": "user", "content": "Hello"}],', ...(stream ? ['    stream=True,'] : []), ')',
              ...(stream ? ['for chunk in stream:', '    if chunk.choices:', '        print(chunk.choices[0].delta.content or "", end="")']
                : ['print(answer.choices[0].message.content)'])].join('\n');
    case 'typescript':
      return ["import OpenAI from 'openai';", '', 'const client = new OpenAI({', `  baseURL: '${base}',`,
              '  apiKey: process.env.GATEWAY_KEY,', '});',
              `const ${stream ? 'stream' : 'answer'} = await client.chat.completions.create({`, `  model: ${quoted},`,
              "  messages: [{ role: 'user', content: 'Hello' }],", ...(stream ? ['  stream: true,'] : []), '});',
              ...(stream ? ['for await (const chunk of stream) {', "  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');", '}']
                : ['console.log(answer.choices[0].message.content);'])].join('\n');
    case 'insforge':
      return ["import { createClient } from '@insforge/sdk';", '', 'const client = createClient({', `  baseUrl: '${base.replace(/\/v1$/, '')}',`,
              '  anonKey: process.env.GATEWAY_KEY,', '});',
              `const ${stream ? 'stream' : 'answer'} = await client.ai.chat.completions.create({`, `  model: ${quoted},`,
              "  messages: [{ role: 'user', content: 'Hello' }],", ...(stream ? ['  stream: true,'] : []), '});',
              ...(stream ? ['for await (const event of stream) {', "  process.stdout.write(event.choices[0]?.delta?.content ?? '');", '}']
                : ['console.log(answer.choices[0].message.content);'])].join('\n');
    case 'go':
      return ['client := openai.NewClient(', `\toption.WithBaseURL("${base}/"),`, '\toption.WithAPIKey(os.Getenv("GATEWAY_KEY")),', ')',
              'params := openai.ChatCompletionNewParams{', `\tModel: ${quoted},`,
              '\tMessages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},', '}',
              ...(stream ? ['stream := client.Chat.Completions.NewStreaming(ctx, params)', 'for stream.Next() {',
                            '\tif chunk := stream.Current(); len(chunk.Choices) > 0 {', '\t\tfmt.Print(chunk.Choices[0].Delta.Content)', '\t}', '}']
                : ['answer, err := client.Chat.Completions.New(ctx, params)', 'if err != nil {', '\treturn err', '}',
                   'fmt.Println(answer.Choices[0].Message.Content)'])].join('\n');
    case 'swift':
      return [`var request = URLRequest(url: URL(string: "${base}/chat/completions")!)`, 'request.httpMethod = "POST"',
              'let key = ProcessInfo.processInfo.environment["GATEWAY_KEY"]!',
              'request.setValue("Bearer \\(key)", forHTTPHeaderField: "authorization")',
              'request.setValue("application/json", forHTTPHeaderField: "content-type")',
              'request.httpBody = try JSONSerialization.data(withJSONObject: [', `    "model": ${quoted},`,
              ...(stream ? ['    "stream": true,'] : []), '    "messages": [["role": "user", "content": "Hello"]],', '] as [String: Any])',
              ...(stream ? ['let (bytes, _) = try await URLSession.shared.bytes(for: request)', 'for try await line in bytes.lines { print(line) }']
                : ['let (data, _) = try await URLSession.shared.data(for: request)', 'print(String(decoding: data, as: UTF8.self))'])].join('\n');
    case 'kotlin': {
      const body = JSON.stringify({ model, ...(stream ? { stream: true } : {}), messages: [{ role: 'user', content: 'Hello' }] });
      return ['val body = """' + body + '"""', `val request = HttpRequest.newBuilder(URI("${base}/chat/completions"))`,
              '    .header("authorization", "Bearer ${System.getenv("GATEWAY_KEY")}")', '    .header("content-type", "application/json")',
              '    .POST(HttpRequest.BodyPublishers.ofString(body))', '    .build()', 'val client = HttpClient.newHttpClient()',
              ...(stream ? ['client.send(request, HttpResponse.BodyHandlers.ofLines()).body().forEach(::println)']
                : ['println(client.send(request, HttpResponse.BodyHandlers.ofString()).body())'])].join('\n');
    }
  }
}

/** What an agent's program is configured with, so that it may ask for usage, requests and budgets. */
export function agentConfig(base: string): string {
  const server = { type: 'http', url: base.replace(/\/v1$/, '/mcp'), headers: { Authorization: 'Bearer ${GATEWAY_KEY}' } };
  return JSON.stringify({ mcpServers: { gateway: server } }, null, 2);
}

const kMostNamed = 20;

/** What a coding agent needs to know to write a program against this server. */
export function agentPrompt(base: string, model: string, models: string[]): string {
  const named = [model, ...models.filter((one) => one !== model)].slice(0, kMostNamed);
  const more = new Set([model, ...models]).size - named.length;
  return [
    'This project reaches language models through a gateway that speaks the API of OpenAI.', '',
    `- Base URL: ${base} (environment variable GATEWAY_BASE_URL). Use OpenAI's official package with it, or plain HTTP.`,
    '- Key: the environment variable GATEWAY_KEY, sent as "authorization: Bearer ...". Never write a key into code, tests or logs, ' +
      'and never send it to a browser: calls are made by the server.',
    `- Model: ${model}, unless told otherwise; read it from GATEWAY_MODEL with that default.`,
    `- Models there are: ${named.join(', ')}${more > 0 ? ` and ${more} more: GET ${base}/models` : ''}.`,
    '- Stream answers to people ("stream": true), set max_tokens, and set a time limit on every call.',
    '- Errors have {"error": {"message", "type", "code"}}. On 429 and 503 wait as long as retry-after says, then try again, three times at most; ' +
      'on 400, 401 and 403 do not try again. 429 with code insufficient_quota is a spend cap: show it, do not try again.',
    '- Log the header x-request-id of each answer: the operator finds the request by it.',
  ].join('\n') + '\n';
}

/** Where clients reach this server: the page's own address, unless the administration has one to itself. */
export function baseUrl(origin: string, listen: string[], adminListen: string[]): string {
  const own = listen.find((address) => !address.startsWith('unix:'));
  return `${adminListen.length > 0 && own ? `http://${own}` : origin}/v1`;
}
