// The protocol with tools of its own: nothing here is a gateway's.
#include "app/mcp/protocol.h"

#include "support/catch.h"

using namespace gateway;
using namespace gateway::app::mcp;

namespace {

const ServerFacts kServer{"test", "A test", "1", "Read this."};
constexpr Input kEchoInputs[] = {{"text", Type::text, "What to say", true},
                                 {"times", Type::whole, {}, false, {}, 1, 3},
                                 {"how", Type::text, {}, false, "loud|soft"}};
constexpr Output kEchoOutputs[] = {{"said", "string"}};

std::vector<Tool> tools() {
  return {{"echo", "Echo", "Says it again.", kEchoInputs, kEchoOutputs,
           [](const Arguments& given) {
             ToolAnswer answer;
             answer.structured = "{\"said\":\"" + *given.text("text") + "\"}";
             return answer;
           }},
          {"fail",
           "Fail",
           "Fails.",
           {},
           kEchoOutputs,
           [](const Arguments&) { return failed("no: expected luck"); },
           false,
           true,
           false}};
}

struct Got {
  int status = 0;
  std::string body;
  simdjson::dom::parser parser;
  simdjson::dom::element json() { return parser.parse(body); }
  std::int64_t code() {
    std::int64_t code = 0;
    return json().at_pointer("/error/code").get(code) ? 0 : code;
  }
  std::string at(std::string_view pointer) {
    simdjson::dom::element found;
    if (json().at_pointer(pointer).get(found)) return "(none)";
    return std::string(simdjson::minify(found));
  }
};

Got ask(const std::string& line, const HttpFields* http = nullptr) {
  const std::vector<Tool> list = tools();
  const ProtocolAnswer answer = Protocol(kServer, list).answer(line, http);
  Got got;
  got.status = answer.status;
  got.body = answer.body;
  return got;
}

std::string message(const std::string& method, const std::string& params = "{}") {
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
}

std::string modern(const std::string& more = {}, const std::string& version = "2026-07-28") {
  return R"({"_meta":{"io.modelcontextprotocol/protocolVersion":")" + version +
         R"(","io.modelcontextprotocol/clientCapabilities":{}})" + (more.empty() ? "" : "," + more) + "}";
}

const HttpFields kNoFields;

}  // namespace

TEST_CASE("the handshake answers the version that was asked for, if it is known", "[mcp][protocol]") {
  for (const char* version : {"2025-11-25", "2025-06-18", "2025-03-26"}) {
    Got got = ask(message("initialize", std::string(R"({"protocolVersion":")") + version + "\"}"), &kNoFields);
    CHECK(got.status == 200);
    CHECK(got.at("/result/protocolVersion") == std::string("\"") + version + "\"");
    CHECK(got.at("/result/capabilities") == R"({"tools":{}})");
    CHECK(got.at("/result/instructions") == "\"Read this.\"");
    CHECK(got.at("/result/resultType") == "(none)");
  }
  for (const char* version : {"2024-11-05", "2026-07-28", "x"}) {
    CHECK(ask(message("initialize", std::string(R"({"protocolVersion":")") + version + "\"}"))
              .at("/result/protocolVersion") == "\"2025-11-25\"");
  }
  CHECK(ask(message("ping"), &kNoFields).at("/result") == "{}");
  const Got initialized = ask(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", &kNoFields);
  CHECK(initialized.status == 202);
  CHECK(initialized.body.empty());
}

TEST_CASE("in the era of the handshake errors are successes of HTTP", "[mcp][protocol]") {
  Got unknown = ask(message("resources/list"), &kNoFields);
  CHECK(unknown.status == 200);
  CHECK(unknown.code() == -32601);
  CHECK(ask(message("server/discover"), &kNoFields).code() == -32601);
  Got tool = ask(message("tools/call", R"({"name":"ecko"})"), &kNoFields);
  CHECK(tool.status == 200);
  CHECK(tool.code() == -32602);
  CHECK(tool.at("/error/message") == "\"Unknown tool: ecko; did you mean echo?\"");
  CHECK(ask("{", &kNoFields).status == 400);
  CHECK(ask("[]", &kNoFields).code() == -32600);
  const HttpFields old{"1999-01-01", {}, {}};
  CHECK(ask(message("ping"), &old).status == 400);
}

TEST_CASE("the modern era checks in its order", "[mcp][protocol]") {
  const HttpFields right{"2026-07-28", "tools/list", {}};
  Got listed = ask(message("tools/list", modern()), &right);
  CHECK(listed.status == 200);
  CHECK(listed.at("/result/resultType") == "\"complete\"");
  CHECK(listed.at("/result/cacheScope") == "\"private\"");
  CHECK(listed.at("/result/ttlMs") == "60000");
  CHECK(listed.json().at_pointer("/result/_meta").at_key("io.modelcontextprotocol/serverInfo").error() ==
        simdjson::SUCCESS);

  // Without _meta, or without what it must have: before the fields are compared.
  const HttpFields wrong_method{"2026-07-28", "tools/call", {}};
  Got bare = ask(message("tools/list"), &wrong_method);
  CHECK(bare.status == 400);
  CHECK(bare.code() == -32602);
  CHECK(ask(message("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})"), &right)
            .code() == -32602);
  // The fields: before the version.
  Got mismatch = ask(message("tools/list", modern({}, "2099-01-01")), &right);
  CHECK(mismatch.status == 400);
  CHECK(mismatch.code() == -32020);
  CHECK(ask(message("tools/list", modern()), &wrong_method).code() == -32020);
  CHECK(ask(message("tools/list", modern()), &kNoFields).code() == -32020);
  const HttpFields call{"2026-07-28", "tools/call", "fail"};
  CHECK(ask(message("tools/call", modern(R"("name":"echo")")), &call).code() == -32020);
  // The version: before the method.
  const HttpFields later{"2099-01-01", "nope", {}};
  Got version = ask(message("nope", modern({}, "2099-01-01")), &later);
  CHECK(version.status == 400);
  CHECK(version.code() == -32022);
  CHECK(version.at("/error/data/requested") == "\"2099-01-01\"");
  CHECK(version.at("/error/data/supported/0") == "\"2026-07-28\"");
  for (const char* method : {"initialize", "ping", "nope"}) {
    const HttpFields fields{"2026-07-28", method, {}};
    Got unknown = ask(message(method, modern()), &fields);
    CHECK(unknown.status == 404);
    CHECK(unknown.code() == -32601);
  }
}

TEST_CASE("the modern era over lines needs no fields", "[mcp][protocol]") {
  Got discovered = ask(message("server/discover", modern()));
  CHECK(discovered.status == 200);
  CHECK(discovered.at("/result/supportedVersions") == R"(["2026-07-28","2025-11-25","2025-06-18","2025-03-26"])");
  CHECK(ask(message("server/discover", modern({}, "2030-01-01"))).code() == -32022);
}

TEST_CASE("a tool's answer is structured and text, its failure a result", "[mcp][protocol]") {
  Got said = ask(message("tools/call", R"({"name":"echo","arguments":{"text":"hi"}})"));
  CHECK(said.at("/result/structuredContent") == R"({"said":"hi"})");
  CHECK(said.at("/result/content/0/text") == R"("{\"said\":\"hi\"}")");
  CHECK(said.at("/result/isError") == "false");
  Got no_luck = ask(message("tools/call", R"({"name":"fail"})"));
  CHECK(no_luck.at("/result/isError") == "true");
  CHECK(no_luck.at("/result/content/0/text") == "\"no: expected luck\"");
  CHECK(no_luck.at("/result/structuredContent") == "(none)");
}

TEST_CASE("bad arguments name the field, what was expected and the nearest", "[mcp][protocol]") {
  const auto text_of = [](const std::string& arguments) {
    Got got = ask(message("tools/call", R"({"name":"echo","arguments":)" + arguments + "}"));
    CHECK(got.at("/result/isError") == "true");
    return got.at("/result/content/0/text");
  };
  CHECK(text_of("{}") == "\"text: expected a string, found nothing\"");
  CHECK(text_of(R"({"text":5})") == "\"text: expected a string, found 5\"");
  CHECK(text_of(R"({"text":"a","times":4})") == "\"times: expected a whole number from 1 to 3, found 4\"");
  CHECK(text_of(R"({"text":"a","how":"lout"})") ==
        "\"how: expected one of loud, soft, found 'lout'; did you mean 'loud'?\"");
  CHECK(text_of(R"({"text":"a","tims":1})") ==
        "\"tims: this tool has no such argument; did you mean 'times'?; expected text, times, how\"");
  CHECK(ask(message("tools/call", R"({"name":"echo","arguments":[]})")).code() == -32602);
}

TEST_CASE("tools are listed in their order, with closed schemas", "[mcp][protocol]") {
  Got listed = ask(message("tools/list"));
  CHECK(listed.at("/result/tools/0/name") == "\"echo\"");
  CHECK(listed.at("/result/tools/1/name") == "\"fail\"");
  CHECK(listed.at("/result/ttlMs") == "(none)");
  CHECK(listed.at("/result/tools/0/inputSchema") ==
        R"({"type":"object","properties":{"text":{"type":"string","description":"What to say"},)"
        R"("times":{"type":"integer","minimum":1,"maximum":3},"how":{"type":"string","enum":["loud","soft"]}},)"
        R"("required":["text"],"additionalProperties":false})");
  CHECK(listed.at("/result/tools/0/annotations") ==
        R"({"readOnlyHint":true,"idempotentHint":true,"openWorldHint":false})");
  CHECK(listed.at("/result/tools/1/annotations") ==
        R"({"readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":false})");
}
