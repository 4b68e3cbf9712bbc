#include "wire/openai/form_reader.h"

#include <string>

#include "simulated/media.h"
#include "support/catch.h"
#include "wire/multipart/forms.h"
#include "wire/openai/audio_length.h"
#include "wire/openai/bodies.h"

namespace gateway {
namespace {

using test::form;
using test::form_file;
using test::form_text;

struct Outcome {
  bool good = false;
  RequestFacts facts;
  BadRequest why;
};

Outcome read(const std::string& body, Operation operation = Operation::transcriptions, std::string_view by_path = {}) {
  Outcome out;
  out.good = read_form_request(operation, test::kFormType, test::padded(body), by_path, out.facts, out.why);
  return out;
}

TEST_CASE("a form's model is found wherever it is", "[wire][form_reader]") {
  for (const std::string& body : {form({form_text("model", "whisper-1"), form_file("file", "abc")}),
                                  form({form_file("file", "abc"), form_text("model", "whisper-1")})}) {
    const Outcome out = read(body);
    REQUIRE(out.good);
    CHECK(out.facts.model == "whisper-1");
    CHECK(body.substr(out.facts.model_value.begin, 9) == "whisper-1");
    CHECK(out.facts.boundary == "XyZ");
    CHECK(out.facts.object_begin == 0);
    CHECK_FALSE(out.facts.stream);
  }
  const Outcome by_path = read(form({form_file("file", "abc")}), Operation::transcriptions, "deployed");
  CHECK(by_path.good);
  CHECK(by_path.facts.model == "deployed");
}

TEST_CASE("forms are refused by the field that is wrong", "[wire][form_reader]") {
  const std::string model = form_text("model", "m"), file = form_file("file", "abc");
  const struct {
    std::string body;
    const char* param;
  } table[] = {
      {form({model, model, file}), "model"},
      {form({file}), "model"},
      {form({form_text("model", ""), file}), "model"},
      {form({form_text("model", "a\nb"), file}), "model"},
      {form({form_text("model", "\xff"), file}), "model"},
      {form({form_text("model", std::string(513, 'm')), file}), "model"},
      {form({form_file("model", "m"), file}), "model"},
      {form({model}), "file"},
      {form({model, form_text("file", "abc")}), "file"},
      {form({model, file, file}), "file"},
      {form({model, file, form_text("stream", "yes")}), "stream"},
      {form({model, file, form_text("stream", "true"), form_text("stream", "true")}), "stream"},
      {form({model, file, form_text("n", "0")}), "n"},
      {form({model, file, form_text("n", "129")}), "n"},
      {form({model, file, form_text("n", "1e9")}), "n"},
      {form({model, file, form_text("n", "99999999999999999999")}), "n"},
      {form({model, file}).substr(0, 60), ""},
      {"{}", ""},
  };
  for (const auto& [body, param] : table) {
    INFO(body.substr(0, 200));
    const Outcome out = read(body);
    CHECK_FALSE(out.good);
    CHECK(out.why.param == param);
    CHECK_FALSE(out.why.message.empty());
  }
  Outcome none;
  CHECK_FALSE(
      read_form_request(Operation::transcriptions, "application/json", test::padded("{}"), {}, none.facts, none.why));
}

TEST_CASE("a form is read the same wherever it is cut", "[wire][form_reader]") {
  const std::string model = form_text("model", "whisper-1"), file = form_file("file", simulated_sound("hi"));
  const std::string forms[] = {form({model, form_text("stream", "true"), file}),
                               form({file, form_text("prompt", "12345678"), model}),
                               form({model, file, model}),
                               form({model, file, form_text("n", "0")}),
                               form({model, file}).substr(0, 200),
                               form({model, form_text("file", "abc")})};
  for (const std::string& body : forms) {
    const Outcome once = read(body);
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      INFO(cut << " of " << body.substr(0, 200));
      Outcome out;
      FormReader reader(Operation::transcriptions, test::kFormType, {});
      const std::string before = body.substr(0, cut), after = body.substr(cut);
      out.good = reader.read_on(before, out.why) && reader.read_on(after, out.why) && reader.finish(out.facts, out.why);
      REQUIRE(out.good == once.good);
      REQUIRE(out.why.param == once.why.param);
      REQUIRE(out.why.message == once.why.message);
      REQUIRE(out.facts.model == once.facts.model);
      REQUIRE(out.facts.model_value.begin == once.facts.model_value.begin);
      REQUIRE(out.facts.stream == once.facts.stream);
      REQUIRE(out.facts.input_bound == once.facts.input_bound);
      REQUIRE(out.facts.units_bound.audio_ms == once.facts.units_bound.audio_ms);
    }
  }
}

TEST_CASE("a form's model is known once the next part begins, and a fault with the byte that shows it",
          "[wire][form_reader]") {
  const std::string body = form({form_text("model", "whisper-1"), form_text("stream", "true"),
                                 form_text("model", "other"), form_file("file", "abc")});
  const std::size_t second = body.find("--XyZ", 1) + 7, third = body.find("other");
  FormReader reader(Operation::transcriptions, test::kFormType, {});
  BadRequest why;
  for (std::size_t size = 1; size < third; ++size) {
    INFO(size);
    REQUIRE(reader.read_on(body.substr(size - 1, 1), why));
    REQUIRE(reader.model() == (size < second ? "" : "whisper-1"));
  }
  CHECK_FALSE(reader.read_on(body.substr(third - 1, 1), why));
  CHECK(why.param == "model");
  why = {};
  CHECK_FALSE(reader.read_on(body.substr(third), why));  // and it stays so
  CHECK(why.param == "model");
}

TEST_CASE("sound is as long as its bytes show", "[wire][form_reader]") {
  const std::string wav = simulated_sound("hello");  // 300 ms
  CHECK(audio_length(wav).bound == 300);
  CHECK(audio_length(wav).estimate == 300);
  const std::string longer = wav + std::string(16'000, '\0');  // than it says
  CHECK(audio_length(longer).bound == 1'300);
  CHECK(audio_length(longer).estimate == 300);
  const std::string other(16'000, 'x');
  CHECK(audio_length(other).bound == 32'000);
  CHECK(audio_length(other).estimate == 2'000);
  CHECK(audio_length("").bound == 1);
  // A format that says more than there is, behind the true one; and one of MP3 in a plain one's clothes.
  const std::string format = wav.substr(12, 24), loud = std::string(format).replace(8 + 4, 4, "\xff\xff\x7f", 4);
  const auto usual = [](const std::string& file) {
    return audio_length(file).bound == 2 * static_cast<std::int64_t>(file.size());
  };
  CHECK(usual(std::string(wav).insert(36, loud)));
  std::string extended = format;
  extended.replace(4, 1, "\x28").replace(8, 2, "\xfe\xff").append(24, '\0');
  extended[8 + 24] = 0x55;
  CHECK(usual(std::string(wav).replace(12, 24, extended)));
  extended[8 + 24] = 1;
  CHECK(audio_length(std::string(wav).replace(12, 24, extended)).bound == 300);
  for (std::size_t size = 0; size < wav.size(); size += 3) CHECK(audio_length(wav.substr(0, size)).bound >= 1);
  const Outcome out = read(form({form_text("model", "m"), form_file("file", wav), form_text("stream", "true")}));
  CHECK(out.facts.units_bound.audio_ms == 300);
  CHECK(out.facts.stream);
}

TEST_CASE("sound is as long wherever its file is cut", "[wire][form_reader]") {
  const std::string wav = simulated_sound("hello");
  std::string extended = wav.substr(12, 24);
  extended.replace(4, 1, "\x28").replace(8, 2, "\xfe\xff").append(24, '\0');
  extended[8 + 24] = 1;
  const std::string list("LIST\5\0\0\0abcde\0", 14);
  const std::string files[] = {wav,
                               wav + "more",
                               std::string(wav).insert(12, list),
                               std::string(wav).insert(36, list),
                               "RIFF",
                               "RIFF12345678",
                               std::string(wav).replace(12, 24, extended),
                               wav.substr(0, 30),
                               std::string(wav).insert(36, wav.substr(12, 24))};
  for (const std::string& file : files) {
    const AudioLength once = audio_length(file);
    for (std::size_t piece = 1; piece < 60; ++piece) {
      AudioGauge gauge;
      for (std::size_t at = 0; at < file.size(); at += piece) gauge.read_on(std::string_view(file).substr(at, piece));
      REQUIRE(gauge.read() == file.size());
      REQUIRE(gauge.length().bound == once.bound);
      REQUIRE(gauge.length().estimate == once.estimate);
    }
  }
  AudioGauge begun;
  begun.read_on(std::string_view(wav).substr(0, 100));
  CHECK(begun.length(wav.size() - 100).bound == 300);
  CHECK(begun.length(wav.size() - 100 + 16'000).bound == 1'300);
}

TEST_CASE("the text of a part that is under way counts", "[wire][form_reader]") {
  BadRequest why;
  FormReader reader(Operation::transcriptions, test::kFormType, {});
  const std::string prompt = form_text("prompt", std::string(50'000, 'p'));
  REQUIRE(reader.read_on(
      "--XyZ\r\n" + form_text("model", "m") + "\r\n--XyZ\r\n" + form_file("file", "abc") + "\r\n--XyZ\r\n" + prompt,
      why));
  CHECK(reader.facts_so_far(std::nullopt, false).input_bound >= 50'000);
}

TEST_CASE("a form within its file is known to be at most what may still come", "[wire][form_reader]") {
  const std::string head = "--XyZ\r\n" + form_text("model", "m") + "\r\n--XyZ\r\n" + form_file("file", "");
  const std::string end = "\r\n--XyZ--\r\n";
  BadRequest why;
  const auto begun = [&](FormReader& reader) {
    CHECK_FALSE(reader.has_file());
    REQUIRE(reader.read_on(head + std::string(1'000, 'x'), why));
    CHECK(reader.has_file());
    CHECK(reader.has_model_first());
  };
  FormReader reader(Operation::transcriptions, test::kFormType, {});
  begun(reader);
  const RequestFacts facts = reader.facts_so_far(9'000, true);
  CHECK(facts.model == "m");
  CHECK(facts.units_bound.audio_ms == 2 * 10'000);
  CHECK(facts.input_bound >= 4'096);
  // What comes after the file may not make more of it.
  const std::string after = "\r\n--XyZ\r\n";
  const struct {
    std::string part, param;
  } table[] = {{form_text("n", "2"), "n"},
               {form_file("more", "x"), "more"},
               {form_text("prompt", std::string(5'000, 'p')), "prompt"},
               {form_text("model", "other"), "model"},
               {form_text("prompt", std::string(4'000, 'p')), ""},
               {form_text("stream", "true"), ""}};
  for (const auto& [part, param] : table) {
    INFO(part.substr(0, 80));
    FormReader other(Operation::transcriptions, test::kFormType, {});
    begun(other);
    static_cast<void>(other.facts_so_far(9'000, true));
    RequestFacts complete;
    why = {};
    const bool good = other.read_on(after + part + end, why) && other.finish(complete, why);
    CHECK(good == param.empty());
    CHECK(why.param == param);
    if (!good) continue;
    CHECK(complete.units_bound.audio_ms == 2'000);
    CHECK(complete.units_bound.audio_ms <= facts.units_bound.audio_ms);
    CHECK(complete.input_bound <= facts.input_bound);
  }
  FormReader file_first(Operation::transcriptions, test::kFormType, {});
  REQUIRE(file_first.read_on(form({form_file("file", "abc"), form_text("model", "m")}), why));
  CHECK_FALSE(file_first.has_model_first());
}

TEST_CASE("edits make as many images as asked for, of those that came", "[wire][form_reader]") {
  const Outcome out = read(form({form_text("model", "m"), form_text("prompt", "12345678"), form_text("n", "3"),
                                 form_file("image[]", "a"), form_file("image[]", "b"), form_file("mask", "c")}),
                           Operation::image_edits);
  REQUIRE(out.good);
  CHECK(out.facts.units_bound.images == 3);
  CHECK(out.facts.n == 3);
  CHECK(out.facts.images == 3);
  CHECK(out.facts.input_bound >= 8);
  CHECK_FALSE(read(form({form_text("model", "m"), form_text("prompt", "a")}), Operation::image_edits).good);
}

}  // namespace
}  // namespace gateway
