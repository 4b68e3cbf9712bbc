#include "app/render/samples.h"

#include <fmt/format.h>

#include "app/render/json.h"

namespace gateway::app {
namespace {

std::string body_json(std::string_view model, bool stream) {
  return fmt::format(R"({{"model":{},{}"messages":[{{"role":"user","content":"Hello"}}]}})", json::text(model),
                     stream ? R"("stream":true,)" : "");
}

// Between single quotes of a shell.
std::string for_shell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

// A "$" begins a template in Kotlin's raw texts.
std::string for_kotlin(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '$') {
      out += "${'$'}";
    } else {
      out += c;
    }
  }
  return out;
}

std::string curl(std::string_view base, std::string_view model, bool stream) {
  return fmt::format(
      "curl {}{}/chat/completions \\\n  -H \"authorization: Bearer $GATEWAY_KEY\" \\\n"
      "  -H 'content-type: application/json' \\\n  -d '{}'\n",
      stream ? "-N " : "", base, for_shell(body_json(model, stream)));
}

std::string python(std::string_view base, std::string_view model, bool stream) {
  return fmt::format(
      "import os\n\nfrom openai import OpenAI\n\n"
      "client = OpenAI(base_url=\"{}\", api_key=os.environ[\"GATEWAY_KEY\"])\n"
      "{} = client.chat.completions.create(\n    model={},\n"
      "    messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}],\n{})\n{}",
      base, stream ? "stream" : "answer", json::text(model), stream ? "    stream=True,\n" : "",
      stream ? "for chunk in stream:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or \"\", "
               "end=\"\", "
               "flush=True)\n"
             : "print(answer.choices[0].message.content)\n");
}

std::string typescript(std::string_view base, std::string_view model, bool stream) {
  return fmt::format(
      "import OpenAI from \"openai\";\n\n"
      "const client = new OpenAI({{ baseURL: \"{}\", apiKey: process.env.GATEWAY_KEY }});\n"
      "const {} = await client.chat.completions.create({{\n  model: {},\n"
      "  messages: [{{ role: \"user\", content: \"Hello\" }}],\n{}}});\n{}",
      base, stream ? "stream" : "answer", json::text(model), stream ? "  stream: true,\n" : "",
      stream ? "for await (const chunk of stream) {\n  process.stdout.write(chunk.choices[0]?.delta?.content ?? "
               "\"\");\n}\n"
             : "console.log(answer.choices[0].message.content);\n");
}

std::string go(std::string_view base, std::string_view model, bool stream) {
  return fmt::format(
      "client := openai.NewClient(option.WithBaseURL(\"{}/\"), option.WithAPIKey(os.Getenv(\"GATEWAY_KEY\")))\n"
      "params := openai.ChatCompletionNewParams{{\n\tModel:    {},\n"
      "\tMessages: []openai.ChatCompletionMessageParamUnion{{openai.UserMessage(\"Hello\")}},\n}}\n{}",
      base, json::text(model),
      stream
          ? "stream := client.Chat.Completions.NewStreaming(ctx, params)\nfor stream.Next() {\n"
            "\tif chunk := stream.Current(); len(chunk.Choices) > 0 {\n\t\tfmt.Print(chunk.Choices[0].Delta.Content)\n"
            "\t}\n}\nif err := stream.Err(); err != nil {\n\treturn err\n}\n"
          : "answer, err := client.Chat.Completions.New(ctx, params)\nif err != nil {\n\treturn err\n}\n"
            "fmt.Println(answer.Choices[0].Message.Content)\n");
}

std::string swift(std::string_view base, std::string_view model, bool stream) {
  return fmt::format(
      "import Foundation\n\nvar request = URLRequest(url: URL(string: \"{}/chat/completions\")!)\n"
      "request.httpMethod = \"POST\"\n"
      "let key = ProcessInfo.processInfo.environment[\"GATEWAY_KEY\"]!\n"
      "request.setValue(\"Bearer \\(key)\", forHTTPHeaderField: \"authorization\")\n"
      "request.setValue(\"application/json\", forHTTPHeaderField: \"content-type\")\n"
      "let body: [String: Any] = [\n  \"model\": {},\n{}"
      "  \"messages\": [[\"role\": \"user\", \"content\": \"Hello\"]],\n]\n"
      "request.httpBody = try JSONSerialization.data(withJSONObject: body)\n{}",
      base, json::text(model), stream ? "  \"stream\": true,\n" : "",
      stream ? "let (bytes, _) = try await URLSession.shared.bytes(for: request)\n"
               "for try await line in bytes.lines { print(line) }\n"
             : "let (data, _) = try await URLSession.shared.data(for: request)\n"
               "print(String(decoding: data, as: UTF8.self))\n");
}

std::string kotlin(std::string_view base, std::string_view model, bool stream) {
  return fmt::format(
      "val body = \"\"\"{}\"\"\"\n"
      "val request = HttpRequest.newBuilder(URI(\"{}/chat/completions\"))\n"
      "  .header(\"authorization\", \"Bearer ${{System.getenv(\"GATEWAY_KEY\")}}\")\n"
      "  .header(\"content-type\", \"application/json\")\n"
      "  .POST(HttpRequest.BodyPublishers.ofString(body))\n  .build()\n"
      "val client = HttpClient.newHttpClient()\n{}",
      for_kotlin(body_json(model, stream)), base,
      stream ? "client.send(request, HttpResponse.BodyHandlers.ofLines()).body().forEach(::println)\n"
             : "println(client.send(request, HttpResponse.BodyHandlers.ofString()).body())\n");
}

}  // namespace

std::string sample_text(std::string_view language, std::string_view base, std::string_view model, bool stream) {
  if (language == "python") return python(base, model, stream);
  if (language == "ts") return typescript(base, model, stream);
  if (language == "go") return go(base, model, stream);
  if (language == "swift") return swift(base, model, stream);
  if (language == "kotlin") return kotlin(base, model, stream);
  return curl(base, model, stream);
}

}  // namespace gateway::app
