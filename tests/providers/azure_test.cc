// Azure's paths and fields, and what is recorded of its answers.
#include "providers/azure.h"

#include "providers/openai_answer.h"
#include "support/catch.h"
#include "support/chat_log.h"
#include "support/recorded.h"

using namespace gateway;
using gateway::testing::ChatLog;

namespace {

using Step = AnswerStream::Step;
using Kind = AttemptFailure::Kind;

struct Sent {
  std::string path, models, body;
};

Sent sent(const char* base, const char* version, Operation operation = Operation::chat) {
  ProviderConfig config;
  config.name = "azure";
  config.type = ProviderType::azure;
  config.base_url = base;
  config.api_version = version;
  config.api_key = Secret("azure-0123456789");
  const auto provider = make_provider(config).value();
  ChatRequest chat;
  RequestFacts facts;
  facts.stream = chat.stream = true;
  BodyTexts texts;
  DialectOutput out;
  REQUIRE(provider->dialect
              ->write(*provider, {.operation = operation, .facts = &facts, .chat = &chat, .target_model = "my gpt"},
                      texts, out)
              .has_value());
  CHECK(header_value(out.fields.span(), "api-key") == "azure-0123456789");
  CHECK(header_value(out.fields.span(), "authorization") == "");
  return {out.path, provider->base.path + provider->models_path, texts.body};
}

class Sink final : public AnswerSink {
 public:
  void event(const ChatEvent& event) override { log.event(event); }
  void relay(std::string_view bytes) override { relayed += bytes; }
  bool has_sent() const noexcept override { return !relayed.empty() || !log.lines.empty(); }
  ChatLog log;
  std::string relayed;
};

struct Answer {
  Answer(bool streams, Shape client) {
    facts.stream = streams;
    answer.emplace(AnswerContext{
        .tools = tools, .request = facts, .client = client, .max_event = 1024 * 1024, .max_answer = 1024 * 1024});
  }
  Step play(int status, std::string_view body, std::size_t piece) {
    const std::vector<HeaderField> head{
        {"content-type", facts.stream && status == 200 ? "text/event-stream" : "application/json"}};
    answer->on_head({.status = status, .headers = head});
    for (std::size_t at = 0; at < body.size(); at += piece) {
      const Step step = answer->push(body.substr(at, piece), sink);
      if (step != Step::more) return step;
    }
    return answer->finish({}, sink);
  }
  BufferPool buffers;
  AnswerTools tools{{}, {}, {}, buffers};
  RequestFacts facts;
  Sink sink;
  std::optional<OpenAiAnswer> answer;
};

}  // namespace

TEST_CASE("a deployment is in the path with a version, in the body without", "[providers][azure]") {
  for (const char* base :
       {"https://r.openai.azure.com", "https://r.openai.azure.com/openai", "https://r.openai.azure.com/openai/v1"}) {
    const Sent by_version = sent(base, "2024-10-21");
    CHECK(by_version.path == "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21");
    CHECK(by_version.models == "/openai/models?api-version=2024-10-21");
    const Sent newer = sent(base, "");
    CHECK(newer.path == "/openai/v1/chat/completions");
    CHECK(newer.models == "/openai/v1/models");
    CHECK(newer.body.find(R"("model":"my gpt")") != std::string::npos);
  }
  CHECK(sent("https://r.services.ai.azure.com/models", "2024-05-01-preview").path ==
        "/models/chat/completions?api-version=2024-05-01-preview");
}

TEST_CASE("what judges the prompt is no part of the answer", "[providers][azure][fixtures]") {
  for (const auto& each : testing::recorded_with("azure", ".sse")) {
    if (each.name == "responses-stream") continue;
    CAPTURE(each.name);
    Answer whole(true, Shape::insforge);
    REQUIRE((whole.play(200, each.text, each.text.size()) == Step::ended));
    CHECK(whole.sink.log.fault == "");
    CHECK_FALSE(whole.sink.log.id.empty());
    CHECK_FALSE(whole.sink.log.model.empty());
    CHECK(whole.answer->report().generation_id.view() == whole.sink.log.id);
    const ChatLog::Choice& choice = whole.sink.log.choices.at(0);
    CHECK((!choice.text.empty() || !choice.tools.empty()));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{500}}) {
      Answer cut(true, Shape::insforge);
      CHECK((cut.play(200, each.text, piece) == Step::ended));
      CHECK(cut.sink.log.said() == whole.sink.log.said());
    }
    Answer relayed(true, Shape::openai);
    CHECK((relayed.play(200, each.text, 100) == Step::ended));
    CHECK(relayed.sink.relayed.find("[DONE]") == std::string::npos);
    CHECK(each.text.starts_with(relayed.sink.relayed));
  }
}

TEST_CASE("recorded errors of Azure have the kind that they mean", "[providers][azure][fixtures]") {
  for (const auto& each : testing::recorded_with("azure", ".response.json")) {
    CAPTURE(each.name);
    const bool is_filter = each.name.find("content-filter") != std::string::npos;
    if (!is_filter && each.name.find("error") == std::string::npos) continue;
    const int status = is_filter ? 400 : each.name.find("401") != std::string::npos ? 401 : 404;
    Answer answer(false, Shape::openai);
    CHECK((answer.play(status, each.text, 20) == Step::failed));
    const AnswerFault& fault = answer.answer->fault();
    CHECK((fault.kind == (status == 401 ? Kind::credentials : Kind::client_fault)));
    REQUIRE(fault.error != nullptr);
    CHECK_FALSE(fault.error->message.empty());
    CHECK(fault.error->moderation == is_filter);
  }
}

TEST_CASE("a model whose name would lead elsewhere has no path", "[providers][azure]") {
  ProviderConfig config;
  config.name = "azure";
  config.type = ProviderType::azure;
  config.base_url = "https://r.openai.azure.com";
  config.api_version = "2024-10-21";
  const auto provider = make_provider(config).value();
  const ChatRequest chat;
  const RequestFacts facts;
  BodyTexts texts;
  for (const std::string_view name : {".", "..", "...", "a..b", "../x"}) {
    CAPTURE(name);
    DialectOutput out;
    const auto written =
        provider->dialect->write(*provider, {.facts = &facts, .chat = &chat, .target_model = name}, texts, out);
    CHECK(written.has_value() == (name != "." && name != ".."));
    if (written) CHECK(out.path.find("/../") == std::string::npos);
  }
}
