#include "providers/answer_stream.h"

namespace gateway {

void* AnswerRoom::take() {
  if (kept_.empty()) return new Block;
  Block* const block = kept_.back().release();
  kept_.pop_back();
  return block;
}

void AnswerRoom::give(void* memory) noexcept {
  std::unique_ptr<Block> block(static_cast<Block*>(memory));
  if (kept_.size() < kMostKept) kept_.push_back(std::move(block));
}

void AnswerSlot::reset() noexcept {
  if (answer_ == nullptr) return;
  if (memory_ == nullptr) {
    delete answer_;
  } else {
    answer_->~AnswerStream();
    room_.give(std::exchange(memory_, nullptr));
  }
  answer_ = nullptr;
}

}  // namespace gateway
