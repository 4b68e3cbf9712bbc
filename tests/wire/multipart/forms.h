// Forms as clients write them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace gateway::test {

inline constexpr std::string_view kFormType = "multipart/form-data; boundary=XyZ";

inline std::string form_text(std::string_view name, std::string_view value) {
  return "Content-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value);
}
inline std::string form_file(std::string_view name, std::string_view bytes) {
  return "Content-Disposition: form-data; name=\"" + std::string(name) +
         "\"; filename=\"sound.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n" + std::string(bytes);
}
inline std::string form(std::initializer_list<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) out += "--XyZ\r\n" + part + "\r\n";
  return out + "--XyZ--\r\n";
}

}  // namespace gateway::test
