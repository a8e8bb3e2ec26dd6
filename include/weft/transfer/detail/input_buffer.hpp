// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/transfer/byte_input.hpp>

namespace weft::inline v0::detail {

/// The part of an input that is in memory: what is not used yet, followed by zeros which vector instructions may read.
class input_buffer {
public:
    static constexpr std::size_t padding = 64;

    input_buffer(byte_input input, std::size_t chunk_size, std::size_t largest)
        : input_(std::move(input)), chunk_size_(chunk_size < 16 ? 16 : chunk_size), largest_(largest) {}

    char* begin() noexcept { return bytes_.get() + begin_; }
    const char* begin() const noexcept { return bytes_.get() + begin_; }
    std::size_t size() const noexcept { return end_ - begin_; }
    std::string_view view() const noexcept { return {begin(), size()}; }
    /// Whether nothing follows what is in memory.
    bool complete() const noexcept { return complete_; }

    void consume(std::size_t count) noexcept {
        begin_ += count;
        consumed_ += count;
    }
    std::uint64_t consumed() const noexcept { return consumed_; }
    std::uint64_t total() const noexcept { return input_.size(); }

    /// Reads more; what is unused moves to the front. False when it has become larger than it may.
    bool refill() {
        const std::size_t kept = size();
        if (kept > largest_) return false;
        if (kept + chunk_size_ > capacity_) {
            const std::size_t capacity = 2 * kept + chunk_size_;
            auto larger = std::make_unique_for_overwrite<char[]>(capacity + padding);
            if (kept != 0) std::memcpy(larger.get(), begin(), kept);
            bytes_ = std::move(larger);
            capacity_ = capacity;
        } else if (kept != 0) {
            std::memmove(bytes_.get(), begin(), kept);
        }
        begin_ = 0;
        end_ = kept;
        const std::size_t added = input_.read(bytes_.get() + end_, capacity_ - end_);
        end_ += added;
        complete_ = added == 0;
        std::memset(bytes_.get() + end_, 0, padding);
        return true;
    }

    /// Skips the byte order mark that some programs put before UTF-8. To be called once, before anything else.
    void skip_byte_order_mark() {
        while (size() < 3 && !complete_) refill();
        if (view().starts_with("\xEF\xBB\xBF")) consume(3);
    }

private:
    byte_input input_;
    std::size_t chunk_size_;
    std::size_t largest_;
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t consumed_ = 0;
    bool complete_ = false;
};

/// `line 12, column 5: ` where the column counts characters, from 1, of the last line of `before`.
inline std::string text_place(std::uint64_t first_line, std::string_view before) {
    std::uint64_t column = 1;
    for (const char c : before) {
        if (c == '\n') {
            ++first_line;
            column = 1;
        } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
            ++column;
        }
    }
    std::string text = "line ";
    text += std::to_string(first_line);
    text += ", column ";
    text += std::to_string(column);
    text += ": ";
    return text;
}

} // namespace weft::inline v0::detail
