#include "proxy/plain_shape.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "wire/json/text.h"
#include "wire/sse/scanner.h"

namespace gateway::testing {
namespace {

using simdjson::dom::element;

struct Parsed {
  explicit Parsed(std::string_view json) : ok(parser.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS) {}
  std::string text(const char* key) const {
    std::string_view value;
    return ok && root[key].get_string().get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  }
  std::optional<std::int64_t> number(const char* key) const {
    std::int64_t value = 0;
    if (!ok || root[key].get_int64().get(value) != simdjson::SUCCESS) return {};
    return value;
  }
  bool flag(const char* key) const {
    bool value = false;
    return ok && root[key].get_bool().get(value) == simdjson::SUCCESS && value;
  }
  simdjson::dom::parser parser;
  element root;
  bool ok;
};

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string frame(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
}

// --- how clients of it are spoken to --------------------------------------------------------------------------------

class PlainWriter final : public AnswerWriter {
 public:
  explicit PlainWriter(bool streams) : streams_(streams) {}
  void write(const ChatEvent& event, std::string& out) override {
    std::visit([&](const auto& each) { take(each, out); }, event);
  }
  std::size_t kept() const noexcept override { return text_.size(); }

 private:
  template <class Other>
  void take(const Other&, std::string&) {}
  void take(const chat::Begin& begin, std::string& out) {
    id_ = begin.id;
    model_ = begin.model;
    if (streams_) out += frame("start", "{\"id\":" + json_text(id_) + ",\"model\":" + json_text(model_) + "}");
  }
  void take(const chat::TextDelta& delta, std::string& out) {
    if (streams_) {
      out += frame("text", "{\"text\":" + json_text(delta.text) + "}");
    } else {
      text_ += delta.text;
    }
  }
  void take(const chat::UsageReport& report, std::string&) { usage_ = report.usage; }
  void take(const chat::Finish& finish, std::string&) { why_ = finish.text; }
  void take(const chat::End&, std::string& out) {
    const std::string use = "\"in\":" + std::to_string(usage_.input) + ",\"out\":" + std::to_string(usage_.output);
    if (streams_) {
      out += frame("use", "{" + use + "}") + frame("stop", "{\"why\":" + json_text(why_) + "}");
    } else {
      out += "{\"id\":" + json_text(id_) + ",\"model\":" + json_text(model_) + ",\"text\":" + json_text(text_) +
             ",\"why\":" + json_text(why_) + "," + use + "}";
    }
  }

  const bool streams_;
  std::string id_, model_, text_, why_;
  Usage usage_;
};

class PlainSurface final : public Surface {
 public:
  Shape shape() const noexcept override { return Shape::other; }
  bool read(RequestReader&, const PaddedBuffer& body, std::string_view, RequestFacts& facts,
            BadRequest& why) const override {
    const Parsed parsed(body.view());
    facts.model = parsed.text("model");
    facts.stream = parsed.flag("live");
    facts.max_tokens = parsed.number("most");
    facts.input_bound = static_cast<std::int64_t>(body.size());
    facts.input_estimate = facts.input_bound / 4 + 1;
    if (facts.model.empty()) why = {"expected a model", "model"};
    return !facts.model.empty();
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    const Parsed parsed(body.view());
    if (!parsed.text("dance").empty()) return Error{ErrorCode::unsupported, "dance: nobody else can"};
    out.model = out.texts.keep(parsed.text("model"));
    out.stream = parsed.flag("live");
    out.sampling.max_output = parsed.number("most");
    chat::Turn turn;
    turn.blocks.push_back({chat::Text{out.texts.keep(parsed.text("say")), {}}, {}});
    out.turns.push_back(std::move(turn));
    return {};
  }
  std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const override {
    return std::make_unique<PlainWriter>(facts.stream);
  }
  void write_error(std::string& out, const ApiError& error) const override {
    out += "{\"fault\":" + json_text(error.message) + "}";
  }
  void write_stream_error(std::string& out, const ApiError& error) const override {
    out += frame("fault", "{\"fault\":" + json_text(error.message) + "}");
  }
  std::string_view stream_end() const noexcept override { return {}; }
  std::string_view keep_alive() const noexcept override { return ": still here\n\n"; }
};

// --- how providers of it are spoken to ------------------------------------------------------------------------------

class PlainAnswer final : public AnswerStream {
 public:
  explicit PlainAnswer(const AnswerContext& context)
      : same_(context.client == Shape::other), streams_(context.request.stream), scanner_(context.max_event) {}

  void on_head(const UpstreamHead& head) override { status_ = head.status; }
  Step push(std::string_view bytes, AnswerSink& sink) override {
    begun_ = true;
    if (!streams_ || status_ != 200) {
      document_.append(bytes);
      return Step::more;
    }
    scanner_.push(bytes);
    SseEvent event;
    while (scanner_.next(event)) {
      if (take(event, sink) == Step::ended) return Step::ended;
      if (fault_.error != nullptr) return Step::failed;
    }
    return Step::more;
  }
  Step finish(const Result<void>& how, AnswerSink& sink) override {
    if (status_ != 200) return fail(how);
    if (streams_ || !how) {
      fault_ = {.kind = AttemptFailure::Kind::lost, .ending = Observed::Ending::cut_off, .why = "it broke off"};
      return Step::failed;
    }
    const Parsed parsed(document_.view());
    report(parsed);
    report_.weight.text = static_cast<std::int64_t>(parsed.text("text").size());
    if (same_) return Step::ended;
    begin(parsed, sink);
    sink.event(chat::TextDelta{0, parsed.text("text")});
    stop(parsed, sink);
    return Step::ended;
  }
  void abandon() override {}

  bool has_begun() const noexcept override { return begun_; }
  bool is_complete() const noexcept override { return false; }
  const AnswerReport& report() const noexcept override { return report_; }
  const AnswerFault& fault() const noexcept override { return fault_; }
  std::size_t kept() const noexcept override { return document_.size(); }
  bool gathers() const noexcept override { return !streams_; }
  PaddedBuffer* document() noexcept override { return same_ && !streams_ ? &document_ : nullptr; }
  bool relays_document() const noexcept override { return false; }
  std::string_view document_end() const noexcept override { return {}; }

 private:
  Step fail(const Result<void>&) {
    error_.message = Parsed(document_.view()).text("fault");
    fault_ = {.kind = AttemptFailure::Kind::client_fault, .status = status_, .error = &error_};
    return Step::failed;
  }
  void report(const Parsed& parsed) {
    if (const auto in = parsed.number("in")) {
      report_.figures.usage = Usage{};
      report_.figures.usage->input = *in;
      report_.figures.usage->output = parsed.number("out").value_or(0);
    }
    if (!parsed.text("why").empty()) report_.finish_reason = parsed.text("why");
    if (!parsed.text("id").empty()) report_.generation_id = parsed.text("id");
    if (!parsed.text("model").empty()) report_.served_model = parsed.text("model");
  }
  static void begin(const Parsed& parsed, AnswerSink& sink) {
    const std::string id = parsed.text("id"), model = parsed.text("model");
    sink.event(chat::Begin{id, model, 0});
  }
  void stop(const Parsed& parsed, AnswerSink& sink) {
    const std::string why = parsed.text("why");
    sink.event(chat::Finish{0, chat::FinishReason::stop, why, {}});
    if (report_.figures.usage) sink.event(chat::UsageReport{*report_.figures.usage, {}});
    sink.event(chat::End{});
  }
  Step take(const SseEvent& event, AnswerSink& sink) {
    if (event.kind != SseEvent::Kind::data) return Step::more;
    const Parsed parsed(event.data);
    report(parsed);
    const std::string text = parsed.text("text");
    report_.weight.text += static_cast<std::int64_t>(text.size());
    report_.weight.pieces += text.empty() ? 0 : 1;
    if (event.name == "fault") {
      error_.message = parsed.text("fault");
      fault_ = {.ending = Observed::Ending::cut_off, .error = &error_};
      return Step::failed;
    }
    if (same_) {
      sink.relay(event.raw);
    } else if (event.name == "start") {
      begin(parsed, sink);
    } else if (event.name == "text") {
      sink.event(chat::TextDelta{0, text});
    } else if (event.name == "stop") {
      stop(parsed, sink);
    }
    return event.name == "stop" ? Step::ended : Step::more;
  }

  const bool same_, streams_;
  int status_ = 0;
  bool begun_ = false;
  SseScanner scanner_;
  PaddedBuffer document_;
  AnswerReport report_;
  AnswerFault fault_;
  ProviderError error_;
};

class PlainDialect final : public Dialect {
 public:
  Shape shape() const noexcept override { return Shape::other; }
  Result<void> write(const Provider&, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override {
    out.path = "/talk";
    if (request.chat == nullptr) return {};
    if (!request.chat->tools.empty()) return Error{ErrorCode::unsupported, "tools: this provider has none"};
    std::string said;
    for (const chat::Turn& turn : request.chat->turns) {
      for (const chat::Block& block : turn.blocks) {
        if (const auto* text = std::get_if<chat::Text>(&block.value)) said += text->text;
      }
    }
    texts.body = "{\"model\":" + json_text(request.target_model) + ",\"say\":" + json_text(said) +
                 ",\"live\":" + (request.facts->stream ? "true" : "false") + "}";
    out.rebuilt = texts.body;
    return {};
  }
  AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const override {
    return slot.emplace<PlainAnswer>(context);
  }
};

}  // namespace

std::string plain_stream() {
  return frame("start", R"({"id":"p-1","model":"m-served"})") + ": a comment\n\n" +
         frame("text", "{\"text\":" + json_text(kPlainText.substr(0, 4)) + "}") +
         frame("text", "{\"text\":" + json_text(kPlainText.substr(4)) + "}") + frame("use", R"({"in":10,"out":5})") +
         frame("stop", R"({"why":"stop"})");
}

std::string plain_document() {
  return R"({"id":"p-1","model":"m-served","text":)" + json_text(kPlainText) + R"(,"why":"stop","in":10,"out":5})";
}

const Surface& plain_surface() noexcept {
  static const PlainSurface surface;
  return surface;
}

const Dialect& plain_dialect() noexcept {
  static const PlainDialect dialect;
  return dialect;
}

}  // namespace gateway::testing
