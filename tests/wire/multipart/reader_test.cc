#include "wire/multipart/reader.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/multipart/forms.h"

namespace gateway {
namespace {

using test::form;
using test::form_file;
using test::form_text;

struct Seen final : MultipartSink {
  void on_delimiter(std::size_t offset) override { delimiters.push_back(offset); }
  void on_part(const PartHead& head, std::size_t begin) override {
    parts.push_back(head.name + (head.filename ? "<" + *head.filename + ">" : "") + "=");
    begins.push_back(begin);
  }
  void on_data(std::string_view bytes) override { parts.back() += bytes; }
  void on_part_end(std::size_t offset) override { ends.push_back(offset); }
  std::vector<std::string> parts;
  std::vector<std::size_t> delimiters, begins, ends;
};

std::string fault_of(std::string_view body, std::size_t piece = 1 << 20) {
  Seen seen;
  MultipartReader reader("XyZ", seen);
  bool good = true;
  for (std::size_t at = 0; good && at < body.size(); at += piece) good = reader.push(body.substr(at, piece));
  good = good && reader.finish();
  return good ? "" : reader.fault();
}

TEST_CASE("a form has the same parts at the same places, whatever the cuts", "[wire][multipart]") {
  const std::string body =
      "preamble\r\n" +
      form({form_text("model", "m"), form_text("empty", ""), form_file("file", "\r\n--Xy\r\n--XyZ?\r\n--XyZ -\r\n")}) +
      "epilogue --XyZ";
  for (std::size_t size = 1; size <= body.size(); ++size) {
    CAPTURE(size);
    Seen seen;
    MultipartReader reader("XyZ", seen);
    for (std::size_t at = 0; at < body.size(); at += size)
      REQUIRE(reader.push(std::string_view(body).substr(at, size)));
    REQUIRE(reader.finish());
    CHECK(seen.parts ==
          std::vector<std::string>{"model=m", "empty=", "file<sound.mp3>=\r\n--Xy\r\n--XyZ?\r\n--XyZ -\r\n"});
    CHECK(seen.delimiters[0] == body.find("--XyZ"));
    CHECK(body.substr(seen.begins[0], seen.ends[0] - seen.begins[0]) == "m");
    CHECK(seen.begins[1] == seen.ends[1]);
    CHECK(body.substr(seen.ends[2], 9) == "\r\n--XyZ--");
  }
}

TEST_CASE("a form that begins with its delimiter, and one whose lines have white space behind it",
          "[wire][multipart]") {
  CHECK(fault_of(form({form_text("a", "b")})).empty());
  CHECK(fault_of("--XyZ \t\r\n" + form_text("a", "b") + "\r\n--XyZ--").empty());
}

TEST_CASE("what is wrong with a form is named, whatever the cuts", "[wire][multipart]") {
  const std::string part = form_text("a", "b");
  const struct {
    std::string body, why;
  } table[] = {
      {"", "its boundary is not in it"},
      {"{\"model\":\"m\"}", "its boundary is not in it"},
      {"--Xyz\r\n" + part + "\r\n--Xyz--", "its boundary is not in it"},
      {"--XyZ\r\n" + part, "it ends within a part"},
      {"--XyZ\r\n" + part + "\r\n--XyZ", "it ends within a part"},
      {"--XyZ\r\n" + part + "\r\n--XyZ-", "it ends within a part"},
      {"--XyZ\r\n" + part.substr(0, 20), "it ends within a part"},
      {"--XyZ\r\n\r\nb\r\n--XyZ--", "a part has no Content-Disposition"},
      {"--XyZ\r\nContent-Type: text/plain\r\n\r\nb\r\n--XyZ--", "a part has no Content-Disposition"},
      {"--XyZ\r\nContent-Disposition: form-data\r\n\r\nb\r\n--XyZ--", "a part has no name"},
      {"--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n--XyZ--",
       "a part's Content-Disposition is not form-data"},
      {"--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\nb\r\n--XyZ--",
       "a part's Content-Disposition cannot be read"},
      {"--XyZ\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nb\r\n--XyZ--",
       "a part's Content-Disposition cannot be read"},
      {"--XyZ\r\nContent-Disposition: form-data; name=a; name*=utf-8''b\r\n\r\nb\r\n--XyZ--",
       "a part's Content-Disposition cannot be read"},
      {"--XyZ\r\nContent-Disposition: form-data; name*0=a\r\n\r\nb\r\n--XyZ--",
       "a part's Content-Disposition cannot be read"},
      {"--XyZ\r\nno colon\r\n\r\nb\r\n--XyZ--", "a part's head cannot be read"},
      {"--XyZ\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nYg==\r\n--XyZ--",
       "a part has a Content-Transfer-Encoding"},
      {"--XyZ\r\nx: " + std::string(9'000, 'x') + "\r\n\r\nb\r\n--XyZ--", "a part's head is longer than 8 KiB"},
  };
  for (const auto& [body, why] : table) {
    INFO(body.substr(0, 100));
    CHECK(fault_of(body) == why);
    CHECK(fault_of(body, 1) == why);
    CHECK(fault_of(body, 7) == why);
  }
  std::string many;
  for (int i = 0; i < 257; ++i) many += "--XyZ\r\n" + part + "\r\n";
  CHECK(fault_of(many + "--XyZ--") == "it has more than 256 parts");
}

TEST_CASE("boundaries are those of RFC 2046", "[wire][multipart]") {
  CHECK(multipart_boundary("multipart/form-data; boundary=abc") == "abc");
  CHECK(multipart_boundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"") == "a b:c");
  CHECK(multipart_boundary("multipart/form-data; boundary=----WebKitFormBoundaryX") == "----WebKitFormBoundaryX");
  for (const char* none :
       {"", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a; boundary=b", "multipart/mixed; boundary=a", "application/json",
        "multipart/form-data; boundary=\"a\r\nb\"", "multipart/form-data boundary=a"}) {
    INFO(none);
    CHECK_FALSE(multipart_boundary(none));
  }
  CHECK(multipart_boundary("multipart/form-data; boundary=" + std::string(70, 'x')));
  CHECK_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')));
}

}  // namespace
}  // namespace gateway
