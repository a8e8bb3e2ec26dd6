// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The elements all messages are made of: little-endian integers of fixed width, length-encoded integers and strings,
/// strings that end in NUL or at the end of the message.

#include <weft/core/blob.hpp>
#include <weft/mysql/protocol/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// Reads a message from front to back. Views it returns point into the bytes. Every read names the field; what does
/// not fit throws operational_error 2027 with message, field and offset.
class wire_reader {
public:
    /// `message` names the kind of message and must outlive the reader.
    wire_reader(blob_view bytes, const char* message) noexcept
        : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()), message_(message) {}

    std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    bool at_end() const noexcept { return at_ == end_; }

    std::uint8_t u8(const char* field) { return static_cast<std::uint8_t>(fixed(1, field)); }
    std::uint16_t u16(const char* field) { return static_cast<std::uint16_t>(fixed(2, field)); }
    std::uint32_t u24(const char* field) { return static_cast<std::uint32_t>(fixed(3, field)); }
    std::uint32_t u32(const char* field) { return static_cast<std::uint32_t>(fixed(4, field)); }
    std::uint64_t u64(const char* field) { return fixed(8, field); }

    /// A length-encoded integer; the NULL marker 0xFB is malformed here.
    std::uint64_t lenenc(const char* field) {
        if (at_end()) fail(field, "a length-encoded integer");
        const auto first = std::to_integer<std::uint8_t>(*at_);
        if (first == 0xFB || first == 0xFF) fail(field, "a length-encoded integer");
        ++at_;
        if (first < 0xFB) return first;
        return fixed(first == 0xFC ? 2 : first == 0xFD ? 3 : 8, field);
    }

    /// Exactly `size` bytes.
    blob_view bytes(std::uint64_t size, const char* field) {
        if (size > remaining()) fail(field, std::to_string(size) + " more bytes");
        const blob_view taken(at_, static_cast<std::size_t>(size));
        at_ += taken.size();
        return taken;
    }

    /// A length-encoded string.
    blob_view lenenc_bytes(const char* field) {
        const std::byte* const start = at_;
        const std::uint64_t size = lenenc(field);
        if (size > remaining()) {
            at_ = start; // the length is what is wrong
            fail(field, "a string of " + std::to_string(size) + " bytes");
        }
        return bytes(size, field);
    }
    std::string_view lenenc_text(const char* field) { return as_text(lenenc_bytes(field)); }

    /// A string up to a NUL byte, which is consumed and not part of it.
    std::string_view nul_text(const char* field) {
        const std::byte* end = find_nul();
        if (end == end_) fail(field, "a string that ends in a NUL byte");
        return take_to(end, 1);
    }

    /// A string up to a NUL byte or the end of the message.
    std::string_view nul_text_or_rest(const char*) {
        const std::byte* end = find_nul();
        return take_to(end, end == end_ ? 0 : 1);
    }

    /// All that is left.
    blob_view rest() noexcept {
        const blob_view left(at_, remaining());
        at_ = end_;
        return left;
    }

    /// Throws for what stands at the current offset.
    [[noreturn]] void fail(const char* field, std::string_view expected) const {
        std::string text = message_;
        text += ": ";
        text += field;
        text += " at offset " + std::to_string(offset()) + ": expected ";
        text += expected;
        text += at_end() ? ", found the end"
                         : ", found byte 0x" + to_hex({at_, 1}) + " and " + std::to_string(remaining() - 1) + " more";
        throw_malformed_packet(std::move(text));
    }

private:
    std::uint64_t fixed(std::size_t width, const char* field) {
        if (width > remaining()) fail(field, std::to_string(width) + (width == 1 ? " more byte" : " more bytes"));
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i) value |= std::to_integer<std::uint64_t>(at_[i]) << (8 * i);
        at_ += width;
        return value;
    }

    const std::byte* find_nul() const noexcept {
        const std::byte* p = at_;
        while (p != end_ && *p != std::byte{0}) ++p;
        return p;
    }

    std::string_view take_to(const std::byte* end, std::ptrdiff_t terminator) noexcept {
        const std::string_view text = as_text({at_, static_cast<std::size_t>(end - at_)});
        at_ = end + terminator;
        return text;
    }

    const std::byte* begin_;
    const std::byte* at_;
    const std::byte* end_;
    const char* message_;
};

/// Appends the elements of messages to bytes the caller owns and reuses.
class wire_writer {
public:
    explicit wire_writer(blob& out) noexcept : out_(&out) {}

    blob& out() const noexcept { return *out_; }

    void u8(std::uint8_t v) { out_->push_back(std::byte{v}); }
    void u16(std::uint16_t v) { fixed(v, 2); }
    void u24(std::uint32_t v) { fixed(v, 3); }
    void u32(std::uint32_t v) { fixed(v, 4); }
    void u64(std::uint64_t v) { fixed(v, 8); }

    /// A length-encoded integer in its shortest form.
    void lenenc(std::uint64_t v) {
        if (v < 0xFB) {
            u8(static_cast<std::uint8_t>(v));
        } else if (v <= 0xFFFF) {
            u8(0xFC);
            fixed(v, 2);
        } else if (v <= 0xFFFFFF) {
            u8(0xFD);
            fixed(v, 3);
        } else {
            u8(0xFE);
            fixed(v, 8);
        }
    }

    void bytes(blob_view v) { out_->insert(out_->end(), v.begin(), v.end()); }
    void text(std::string_view v) { bytes(as_blob(v)); }
    void zeros(std::size_t count) { out_->resize(out_->size() + count); }

    void lenenc_bytes(blob_view v) {
        lenenc(v.size());
        bytes(v);
    }
    void lenenc_text(std::string_view v) { lenenc_bytes(as_blob(v)); }

    /// A string and its NUL byte. \throws interface_error when the string has one inside, because the server would
    /// read another message than was meant.
    void nul_text(std::string_view v, const char* field) {
        if (v.find('\0') != std::string_view::npos)
            throw interface_error(std::string(field) + " has a NUL byte at offset " + std::to_string(v.find('\0')) +
                                  ": expected none");
        text(v);
        u8(0);
    }

private:
    void fixed(std::uint64_t v, std::size_t width) {
        std::byte b[8];
        for (std::size_t i = 0; i < width; ++i) b[i] = static_cast<std::byte>(v >> (8 * i) & 0xFF);
        out_->insert(out_->end(), b, b + width);
    }

    blob* out_;
};

} // namespace weft::inline v0::mysql::protocol
