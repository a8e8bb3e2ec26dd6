// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace weft::inline v0::detail {

/// Where one field of a record stands, as offsets from the record's first byte and without its quotes.
struct csv_piece {
    std::size_t begin;
    std::size_t end;
    bool quoted;
    bool doubled; ///< holds doubled quotes
};

/// What finding the end of a record came to. The faults come with the offset of the byte that is wrong.
enum class csv_outcome : unsigned char { record, incomplete, unterminated, stray_quote, after_quote, bare_return };

/// Finds the fields of one record. Nothing is changed: at the end of what is in memory it can start again.
class csv_splitter {
public:
    explicit csv_splitter(char delimiter) noexcept : delimiter_(delimiter), wide_delimiter_(repeated(delimiter)) {}

    /// Splits the record at the beginning of `text`; `complete` when nothing follows the text.
    csv_outcome split(std::string_view text, bool complete) {
        pieces_.clear();
        std::size_t at = 0;
        for (;;) {
            const bool quoted = at < text.size() && text[at] == '"';
            const csv_outcome outcome = quoted ? quoted_field(text, at, complete) : plain_field(text, at);
            if (outcome != csv_outcome::record) return outcome;
            if (at == text.size()) {
                size_ = at;
                return complete ? csv_outcome::record : csv_outcome::incomplete;
            }
            if (text[at] == delimiter_) {
                ++at;
                continue;
            }
            return end_record(text, at, complete, quoted);
        }
    }

    const std::vector<csv_piece>& pieces() const noexcept { return pieces_; }
    /// Bytes of the record with its line break.
    std::size_t size() const noexcept { return size_; }
    /// Offset of what is wrong.
    std::size_t fault() const noexcept { return fault_; }

private:
    static constexpr std::uint64_t repeated(char c) noexcept {
        return std::uint64_t{0x0101010101010101} * static_cast<unsigned char>(c);
    }

    /// A bit in every byte of `word` that is zero, and perhaps in bytes above one.
    static constexpr std::uint64_t zero_bytes(std::uint64_t word) noexcept {
        return (word - 0x0101010101010101U) & ~word & 0x8080808080808080U;
    }

    /// The next delimiter, quote or line break, eight bytes at a time.
    std::size_t find_special(std::string_view text, std::size_t at) const noexcept {
        for (; at + 8 <= text.size(); at += 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data() + at, 8);
            const std::uint64_t hits = zero_bytes(word ^ wide_delimiter_) | zero_bytes(word ^ repeated('\n')) |
                                       zero_bytes(word ^ repeated('"')) | zero_bytes(word ^ repeated('\r'));
            if (hits != 0) break;
        }
        while (at < text.size() && text[at] != delimiter_ && text[at] != '\n' && text[at] != '"' && text[at] != '\r')
            ++at;
        return at;
    }

    csv_outcome wrong(csv_outcome what, std::size_t where) noexcept {
        fault_ = where;
        return what;
    }

    csv_outcome plain_field(std::string_view text, std::size_t& at) {
        const std::size_t begin = at;
        at = find_special(text, at);
        if (at < text.size() && text[at] == '"') return wrong(csv_outcome::stray_quote, at);
        pieces_.push_back({begin, at, false, false});
        return csv_outcome::record;
    }

    /// From the opening quote to behind the closing one.
    csv_outcome quoted_field(std::string_view text, std::size_t& at, bool complete) {
        const std::size_t open = at;
        bool doubled = false;
        for (at = open + 1;; at += 2, doubled = true) {
            const void* quote = at < text.size() ? std::memchr(text.data() + at, '"', text.size() - at) : nullptr;
            if (quote == nullptr) {
                return complete ? wrong(csv_outcome::unterminated, open) : csv_outcome::incomplete;
            }
            at = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
            if (at + 1 == text.size() && !complete) return csv_outcome::incomplete; // it may be doubled
            if (at + 1 == text.size() || text[at + 1] != '"') break;
        }
        pieces_.push_back({open + 1, at, true, doubled});
        ++at;
        return csv_outcome::record;
    }

    csv_outcome end_record(std::string_view text, std::size_t at, bool complete, bool quoted) {
        if (text[at] == '\n') {
            size_ = at + 1;
            return csv_outcome::record;
        }
        if (text[at] != '\r') return wrong(quoted ? csv_outcome::after_quote : csv_outcome::stray_quote, at);
        if (at + 1 == text.size() && !complete) return csv_outcome::incomplete;
        if (at + 1 == text.size() || text[at + 1] != '\n') return wrong(csv_outcome::bare_return, at);
        size_ = at + 2;
        return csv_outcome::record;
    }

    char delimiter_;
    std::uint64_t wide_delimiter_;
    std::vector<csv_piece> pieces_;
    std::size_t size_ = 0;
    std::size_t fault_ = 0;
};

/// Puts a single quote in the place of each doubled one; returns the new end.
inline char* undouble_quotes(char* begin, char* end) noexcept {
    char* out = begin;
    for (const char* p = begin; p != end; ++p) {
        *out++ = *p;
        if (*p == '"') ++p; // its twin follows
    }
    return out;
}

} // namespace weft::inline v0::detail
