// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `scripted_stream`: a peer that says what a test wrote down, for what a real server does not do on request.

#include <weft/net/byte_stream.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::net {

/// A blocking byte stream in memory. The script lists, in order, what the program must write and what it then reads:
///
///     scripted_stream peer;
///     peer.expect("PING\n").reply("PONG\n").end_of_stream();
///
/// A write that differs throws programming_error with the offset and both bytes; so does a read where the script
/// expects a write. Text and bytes are interchangeable.
class scripted_stream {
public:
    static constexpr bool is_blocking = true;

    scripted_stream() = default;

    /// A stream that feeds `bytes` and then from the start again, for ever, and ignores what is written: for
    /// benchmarks.
    static scripted_stream replay(std::span<const std::byte> bytes) {
        scripted_stream s;
        if (bytes.empty()) throw programming_error("there is nothing to replay");
        s.add(kind::reply, bytes);
        s.replays_ = true;
        return s;
    }

    /// A stream that feeds `bytes` once and then ends, and ignores what is written: for fuzzing.
    static scripted_stream feed(std::span<const std::byte> bytes) {
        scripted_stream s;
        s.reply(bytes).end_of_stream();
        s.ignores_writes_ = true;
        return s;
    }

    /// The program writes exactly these bytes next, in any number of writes.
    scripted_stream& expect(std::span<const std::byte> bytes) { return add(kind::expect, bytes); }
    scripted_stream& expect(std::string_view text) { return expect(bytes_of(text)); }

    /// The program reads these bytes next, as many at once as it has room for.
    scripted_stream& reply(std::span<const std::byte> bytes) { return add(kind::reply, bytes); }
    scripted_stream& reply(std::string_view text) { return reply(bytes_of(text)); }

    /// The same, but a read gets at most `size` bytes.
    scripted_stream& reply_in_pieces(std::span<const std::byte> bytes, std::size_t size) {
        if (size == 0) throw programming_error("a piece of a reply has at least one byte");
        for (; !bytes.empty(); bytes = bytes.subspan(bytes.size() < size ? bytes.size() : size))
            add(kind::reply, bytes.first(bytes.size() < size ? bytes.size() : size));
        return *this;
    }
    scripted_stream& reply_in_pieces(std::string_view text, std::size_t size) {
        return reply_in_pieces(bytes_of(text), size);
    }

    /// Reads return 0 from here on.
    scripted_stream& end_of_stream() { return add(kind::end, {}); }

    /// The next operation fails, and the stream is then closed.
    scripted_stream& fail(stream_failure reason, std::string_view message) {
        add(kind::fail, bytes_of(message));
        steps_.back().reason = reason;
        return *this;
    }

    /// What `is_secure()` says.
    scripted_stream& secure(bool yes = true) {
        secure_ = yes;
        return *this;
    }

    /// True when everything in the script has happened; an end of the stream need not have been read.
    bool is_done() const noexcept { return step_ == steps_.size() || steps_[step_].what == kind::end; }

    ready<std::size_t> read_some(std::span<std::byte> buffer) {
        detail::require_buffer(buffer.size());
        require_open();
        if (step_ == steps_.size()) wrong("a read after the end of the script");
        step& now = steps_[step_];
        switch (now.what) {
        case kind::end: return {0};
        case kind::fail: fail_now(now);
        case kind::expect: wrong("a read where " + std::to_string(now.bytes.size() - at_) + " bytes should be written");
        case kind::reply: break;
        }
        const std::size_t left = now.bytes.size() - at_;
        const std::size_t size = left < buffer.size() ? left : buffer.size();
        std::memcpy(buffer.data(), now.bytes.data() + at_, size);
        advance(size);
        return {size};
    }

    ready<> write_all(std::span<const std::byte> bytes) {
        require_open();
        if (replays_ || ignores_writes_) return {};
        while (!bytes.empty()) {
            if (step_ == steps_.size()) wrong("a write of " + std::to_string(bytes.size()) + " bytes after the end");
            step& now = steps_[step_];
            if (now.what == kind::fail) fail_now(now);
            if (now.what == kind::end) wrong("a write of " + std::to_string(bytes.size()) + " bytes after the end");
            if (now.what == kind::reply) wrong("a write where the reply should be read");
            const std::size_t left = now.bytes.size() - at_;
            const std::size_t size = left < bytes.size() ? left : bytes.size();
            compare(now.bytes, bytes.first(size));
            advance(size);
            bytes = bytes.subspan(size);
        }
        return {};
    }

    /// No time passes here: a deadline is only remembered, for tests to look at.
    void set_deadline(deadline when) noexcept { deadline_ = when; }
    deadline current_deadline() const noexcept { return deadline_; }

    void close() noexcept { open_ = false; }
    bool is_open() const noexcept { return open_; }
    bool is_secure() const noexcept { return secure_; }
    std::string_view name() const noexcept { return "the script"; }

private:
    enum class kind { expect, reply, end, fail };
    struct step {
        kind what;
        std::vector<std::byte> bytes;
        stream_failure reason;
    };

    static std::span<const std::byte> bytes_of(std::string_view text) noexcept {
        return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
    }

    scripted_stream& add(kind what, std::span<const std::byte> bytes) {
        if (bytes.empty() && (what == kind::expect || what == kind::reply)) return *this;
        steps_.push_back({what, {bytes.begin(), bytes.end()}, stream_failure::system});
        return *this;
    }

    void advance(std::size_t size) noexcept {
        at_ += size;
        if (at_ < steps_[step_].bytes.size()) return;
        at_ = 0;
        if (!replays_) ++step_;
    }

    void require_open() const {
        if (!open_) throw stream_error(stream_failure::not_open, "the scripted stream is closed");
    }

    [[noreturn]] void fail_now(step& now) {
        open_ = false;
        throw stream_error(now.reason, std::string(reinterpret_cast<const char*>(now.bytes.data()), now.bytes.size()));
    }

    [[noreturn]] void wrong(const std::string& what) {
        open_ = false;
        throw programming_error("script, step " + std::to_string(step_ + 1) + " of " + std::to_string(steps_.size()) +
                                ": " + what);
    }

    void compare(std::span<const std::byte> expected, std::span<const std::byte> written) {
        for (std::size_t i = 0; i < written.size(); ++i) {
            if (written[i] == expected[at_ + i]) continue;
            wrong("byte " + std::to_string(at_ + i) + " of " + std::to_string(expected.size()) + " written is " +
                  hex(written[i]) + " and should be " + hex(expected[at_ + i]));
        }
    }

    static std::string hex(std::byte b) {
        constexpr char digits[] = "0123456789abcdef";
        const auto value = std::to_integer<unsigned>(b);
        return {'0', 'x', digits[value >> 4], digits[value & 15]};
    }

    std::vector<step> steps_;
    std::size_t step_ = 0;
    std::size_t at_ = 0; // bytes of the step that are done
    deadline deadline_;
    bool open_ = true;
    bool secure_ = false;
    bool replays_ = false;
    bool ignores_writes_ = false;
};

static_assert(blocking_byte_stream<scripted_stream>);

} // namespace weft::inline v0::net
