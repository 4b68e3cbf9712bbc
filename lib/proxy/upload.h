// A form that goes to its provider while it comes: what is kept of it, and how far it has gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "chat/request_facts.h"
#include "proxy/worker.h"
#include "wire/openai/form_reader.h"

namespace gateway {

// What came before it was dispatched is the beginning of its body, and is kept where bodies are. Here is what has come
// since and has not left yet.
class Upload {
 public:
  static constexpr std::int64_t kFrom = 256 * 1024;      // smaller ones are gathered, and may go to another target
  static constexpr std::size_t kKept = 64 * 1024;        // the client is paused from here on
  static constexpr std::size_t kKeptLittle = 16 * 1024;  // and goes on

  // `announced`: by the head, in all; 0: nothing was.
  Upload(BufferPool& buffers, std::uint64_t announced, std::uint64_t came)
      : kept_(buffers), announced_(announced), came_(came) {}

  void count(std::size_t bytes) noexcept { came_ += bytes; }
  std::uint64_t came() const noexcept { return came_; }
  // All that was announced is here. What came last does not leave before all of it is found good: so no provider gets a
  // request that is complete, and wrong.
  bool is_all_here() const noexcept { return announced_ > 0 && came_ >= announced_; }
  bool is_as_announced() const noexcept { return announced_ == 0 || came_ == announced_; }

  void keep(std::string_view bytes) { kept_->append(bytes); }
  std::string_view kept() const noexcept { return (*kept_).view().substr(gone_); }
  void drop(std::size_t bytes) noexcept {
    gone_ += bytes;
    if (gone_ == kept_->size()) kept_->clear(), gone_ = 0;
  }
  std::size_t size() const noexcept { return kept_->size(); }
  void close() noexcept {
    is_open = has_room = false;
    kept_.release();
    gone_ = 0;
  }

  bool is_open = true;     // more of it comes
  bool is_whole = true;    // nothing was dropped of it: it may go to another target
  bool has_room = false;   // its provider takes more
  bool is_paused = false;  // its client waits

 private:
  PooledBuffer kept_;
  std::size_t gone_ = 0;  // of what is kept
  const std::uint64_t announced_;
  std::uint64_t came_;
};

// Why a form is gathered however large it is, in words after "A larger form is passed on as it comes, but "; empty: it
// is not. Null: its model is not known.
std::string_view why_gathered(GatewayWorker& worker, const FormReader& form, const Snapshot& snapshot,
                              const RouteConfig* route, const ProjectConfig& project, Operation operation,
                              bool has_length) noexcept;
// Whether what it may cost at most has to be known before it is sent.
bool needs_bound(const ProjectConfig& project) noexcept;

// What is known of a form once it is complete, put in place of what was known when it was sent. Its model stays.
void complete_facts(RequestFacts& facts, const RequestFacts& complete) noexcept;

}  // namespace gateway
