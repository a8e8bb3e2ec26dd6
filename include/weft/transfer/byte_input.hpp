// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `byte_input`: where a reader takes its bytes from, a file or text in memory.

#include <weft/core/error.hpp>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace weft::inline v0 {

/// The bytes of a file, given by its path, or of a text: `byte_input("people.csv")`, `byte_input::text(csv)`.
class byte_input {
public:
    /// Opens the file. Throws operational_error naming it when that fails.
    byte_input(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rb")) {
        if (!file_) fail("cannot open");
        if (std::fseek(file_.get(), 0, SEEK_END) == 0) {
            const long end = std::ftell(file_.get());
            if (end > 0) size_ = static_cast<std::uint64_t>(end);
            if (std::fseek(file_.get(), 0, SEEK_SET) != 0) fail("cannot read");
        }
        std::setvbuf(file_.get(), nullptr, _IONBF, 0); // readers have buffers of their own
    }
    byte_input(const char* path) : byte_input(std::string(path)) {}

    /// Reads from `content`, which must outlive the input.
    static byte_input text(std::string_view content) {
        byte_input input;
        input.rest_ = content;
        input.size_ = content.size();
        return input;
    }

    /// Bytes there are; 0 when that is not known, as of a pipe.
    std::uint64_t size() const noexcept { return size_; }

    /// Fills `into` with up to `count` bytes; 0 at the end. Throws operational_error naming the file.
    std::size_t read(char* into, std::size_t count) {
        if (!file_) {
            const std::size_t taken = rest_.copy(into, count);
            rest_.remove_prefix(taken);
            return taken;
        }
        errno = 0;
        const std::size_t taken = std::fread(into, 1, count, file_.get());
        if (taken == 0 && std::ferror(file_.get()) != 0) fail("cannot read");
        return taken;
    }

private:
    struct closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };

    byte_input() = default;

    [[noreturn]] void fail(std::string_view what) const {
        std::string message(what);
        message += " '";
        message += path_;
        message += "': ";
        message += std::strerror(errno);
        throw operational_error(std::move(message));
    }

    std::string path_;
    std::unique_ptr<std::FILE, closer> file_;
    std::string_view rest_;
    std::uint64_t size_ = 0;
};

} // namespace weft::inline v0
