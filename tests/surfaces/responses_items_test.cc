// The items of a response's input.
#include "support/catch.h"
#include "surfaces/responses.h"

using namespace gateway;

TEST_CASE("a conversation is read in one go, however many results are in it", "[surfaces][responses]") {
  constexpr int kMany = 100'000;
  const auto result = [](int n) {
    return R"({"type":"function_call_output","call_id":"c)" + std::to_string(n) + R"(","output":"r"})";
  };
  std::string strays, asked, answered;
  for (int n = 0; n < kMany; ++n) {
    const char* comma = n == 0 ? "" : ",";
    strays += comma + result(n);
    asked += comma +
             (R"({"type":"function_call","call_id":"c)" + std::to_string(n) + R"(","name":"f","arguments":"{}"},)") +
             R"({"role":"user","content":"x"})";
    answered += "," + result(kMany - 1 - n);
  }
  for (const auto& [items, turns] : {std::pair(strays, kMany), std::pair(asked + answered, 3 * kMany)}) {
    PaddedBuffer body;
    body.append(R"({"model":"m","input":[)" + items + "]}");
    ChatRequest chat;
    REQUIRE(read_responses(body, chat).has_value());
    REQUIRE(chat.turns.size() == static_cast<std::size_t>(turns));
    const auto* last = std::get_if<chat::ToolResult>(&chat.turns[chat.turns.size() - 2].blocks.front().value);
    CHECK((last != nullptr) == (turns == 3 * kMany));
    if (last != nullptr) CHECK(last->call_id == "c" + std::to_string(kMany - 1));
  }
}
