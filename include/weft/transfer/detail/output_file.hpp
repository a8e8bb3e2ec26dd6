// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::detail {

/// A file that appears under its name only when it is complete: it is written beside it and renamed at the end. What is
/// no regular file (a pipe, a device) is written to directly.
class output_file {
public:
    explicit output_file(std::string path) : path_(std::move(path)) {
        struct stat existing{};
        if (::stat(path_.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
            file_ = std::fopen(path_.c_str(), "wb");
        } else {
            open_beside();
        }
        if (file_ == nullptr) fail("cannot write");
    }
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;
    ~output_file() { abandon(); }

    void write(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail("cannot write");
        written_ += text.size();
    }

    std::uint64_t written() const noexcept { return written_; }

    /// Ends the file and gives it its name.
    void commit() {
        if (std::fflush(file_) != 0) fail("cannot write");
        std::FILE* const file = std::exchange(file_, nullptr);
        if (std::fclose(file) != 0) fail("cannot write");
        if (!temporary_.empty() && std::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot replace");
        temporary_.clear();
    }

private:
    /// A new file in the same folder, under a name nobody else has.
    void open_beside() {
        for (int number = 0; number < 1000; ++number) {
            temporary_ = path_;
            temporary_ += ".part";
            temporary_ += std::to_string(number);
            file_ = std::fopen(temporary_.c_str(), "wbx");
            if (file_ != nullptr) return;
            if (errno != EEXIST) break;
        }
        temporary_.clear(); // not ours to remove
    }

    void abandon() noexcept {
        if (file_ != nullptr) std::fclose(std::exchange(file_, nullptr));
        if (!temporary_.empty()) std::remove(temporary_.c_str());
        temporary_.clear();
    }

    [[noreturn]] void fail(std::string_view what) {
        const int reason = errno;
        abandon();
        std::string message(what);
        message += " '";
        message += path_;
        message += "': ";
        message += std::strerror(reason);
        throw operational_error(std::move(message));
    }

    std::string path_;
    std::string temporary_;
    std::FILE* file_ = nullptr;
    std::uint64_t written_ = 0;
};

} // namespace weft::inline v0::detail
