#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <thread>

#include "app/cli/chat_stream.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/http_call.h"
#include "app/cli/parser/command.h"
#include "app/cli/server_url.h"
#include "app/new_key.h"
#include "app/render/counted.h"
#include "app/render/json.h"
#include "app/render/request_view.h"
#include "operations/keys.h"
#include "operations/one_request.h"

namespace gateway::app {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kKeyLife{15};
constexpr milliseconds kPatience{3000};  // until a server knows a new key, and a row is closed
constexpr milliseconds kPause{100};

struct ChatFlags {
  DatabaseFlags database;
  std::optional<std::string> model, project, url, message;
  std::string key_variable = "GATEWAY_KEY";
};

// A terminal obeys control characters; lines may end.
std::string printable_text(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += printable(text.substr(at, end - at));
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

// A key that lives as long as this call.
class ShortKey {
 public:
  static Result<ShortKey> make(const Workspace& workspace, const std::string& project, WallTime now) {
    auto store = open_store(workspace, Need::write);
    if (!store) return std::move(store).error();
    const operations::Deployment on{workspace.config, workspace.config_path, workspace.database, store->get(), now};
    const operations::KeyRandom random = key_random();
    auto made = operations::create_key(on, {project, "gateway chat", now + kKeyLife, random});
    if (!made) return std::move(made).error();
    return ShortKey(workspace, std::move(*store), std::move(*made), now);
  }
  ShortKey(ShortKey&&) = default;
  ShortKey& operator=(ShortKey&&) = delete;
  ~ShortKey() {
    if (store_ == nullptr) return;
    const operations::Deployment on{workspace_->config, workspace_->config_path, workspace_->database, store_.get(),
                                    now_};
    // A key that stays ends in minutes.
    (void)operations::revoke_key(on, made_.key.id);
  }
  const std::string& text() const { return made_.text; }

 private:
  ShortKey(const Workspace& workspace, std::unique_ptr<Store> store, operations::NewKey made, WallTime now)
      : workspace_(&workspace), store_(std::move(store)), made_(std::move(made)), now_(now) {}

  const Workspace* workspace_;
  std::unique_ptr<Store> store_;
  operations::NewKey made_;
  WallTime now_;
};

struct Said {
  HttpAnswer answer;
  ChatStream stream;
  std::chrono::microseconds first{0}, total{0};
};

Result<Said> say(const std::string& url, const std::string& key, const std::string& model, const std::string& message,
                 Session& session) {
  Said said;
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&start] {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  };
  const std::string body = fmt::format(R"({{"model":{},"stream":true,"stream_options":{{"include_usage":true}},)"
                                       R"("messages":[{{"role":"user","content":{}}}]}})",
                                       json::text(model), json::text(message));
  auto answer = http_call({.base_url = url,
                           .method = "POST",
                           .path = "/v1/chat/completions",
                           .token = key,
                           .body = body,
                           .limit = std::chrono::minutes(10),
                           .on_body = [&](std::string_view bytes) {
                             const std::string text = said.stream.read(bytes);
                             if (!text.empty() && said.first.count() == 0) said.first = passed();
                             session.out << printable_text(text) << std::flush;
                             return static_cast<bool>(session.out);
                           }});
  if (!answer) return std::move(answer).error();
  said.answer = std::move(*answer);
  said.total = passed();
  return said;
}

// What the ledger knows of the request, once its row is closed; else what the stream said.
std::string figures(const Said& said, const Workspace& workspace, Session& session) {
  const std::string id(said.answer.header("x-request-id"));
  std::string text = fmt::format("first text after {}, all after {}", length_text(said.first), length_text(said.total));
  const ChatStream& stream = said.stream;
  if (stream.input_tokens && stream.output_tokens)
    text += fmt::format("; {} in, {} out", counted(*stream.input_tokens, "token"), *stream.output_tokens);
  if (id.empty()) return text;
  const auto store = open_store(workspace, Need::read_if_there);
  if (store && *store != nullptr) {
    const operations::Deployment on{workspace.config, workspace.config_path, workspace.database, store->get(),
                                    session.now()};
    for (milliseconds waited{0}; waited < kPatience; waited += kPause) {
      const auto view = operations::find_request(on, id);
      if (view && view->attempts.back().state != RowState::open) {
        const Row& last = view->attempts.back();
        text += fmt::format("; {} USD, {}, {} of {}", view->cost.to_string(), counted(view->attempts.size(), "attempt"),
                            last.target_model.view(), last.provider.view());
        break;
      }
      std::this_thread::sleep_for(kPause);
    }
  }
  return text + "; gateway request " + id;
}

std::string message_of(const ChatFlags& flags) { return flags.message.value_or("Say hello in one sentence."); }

Outcome chat(const ChatFlags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto url = server_url(*workspace, flags.url);
  if (!url) return url.error();
  std::string model = flags.model.value_or("");
  for (const RouteConfig& route : workspace->config.routes) {
    if (model.empty() && route.pattern.find('*') == std::string::npos) model = route.pattern;
  }
  if (model.empty()) model = "simulated/echo";
  std::string key = session.environment(flags.key_variable).value_or("");
  std::optional<ShortKey> made;
  if (flags.project) {
    auto short_key = ShortKey::make(*workspace, *flags.project, session.now());
    if (!short_key) return short_key.error();
    made.emplace(std::move(*short_key));
    key = made->text();
  }
  if (key.empty()) {
    return usage_error(
        fmt::format("expected a key in {}, or --project, for which one is made that lives as long as "
                    "this command",
                    flags.key_variable));
  }
  auto said = say(*url, key, model, message_of(flags), session);
  // A server reads new keys within a second.
  for (milliseconds waited{0}; made && said && said->answer.status == 401 && waited < kPatience; waited += kPause) {
    std::this_thread::sleep_for(kPause);
    said = say(*url, key, model, message_of(flags), session);
  }
  if (!said && said.error().code == ErrorCode::unreachable)
    return Error{ErrorCode::unreachable,
                 fmt::format("no server answers at {}: {}; 'gateway serve' runs one", *url, said.error().detail)};
  if (!said) return said.error();
  if (said->answer.status != 200) {
    return Error{ErrorCode::refused,
                 fmt::format("status {}: {}", said->answer.status, error_message(said->answer.body))};
  }
  session.out << '\n' << std::flush;
  if (!said->stream.error.empty()) return Error{ErrorCode::protocol, said->stream.error};
  session.err << printable(figures(*said, *workspace, session)) << '\n';
  return kFine;
}

}  // namespace

void add_chat(Command& app, Session& session) {
  auto flags = std::make_shared<ChatFlags>();
  Command* command =
      app.add_subcommand("chat", "Send one message to a server that runs, and show the answer, its time and its cost");
  add_flags(*command, flags->database);
  command->add_option("message", flags->message, "What to say", "MESSAGE");
  command->add_option("-m,--model", flags->model, "The model; unless said, the configuration's first", "NAME");
  command->add_option("--project", flags->project, "Make a key of this project for as long as the command runs",
                      "NAME");
  command->add_option("--key-env", flags->key_variable, "The environment variable that has the key", "VAR")
      ->capture_default_str();
  command->add_option(
      "--url", flags->url,
      "Where the server is; unless said, where the one on this database listens, or the configuration says", "URL");
  add_example(*command, "gateway chat --project demo -m fast 'Write a joke'");
  command->callback([flags, &session] { finish(session, chat(*flags, session)); });
}

}  // namespace gateway::app
