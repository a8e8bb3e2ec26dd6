// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The data of LOAD DATA LOCAL INFILE. The server names a file, and a server that lies could name any: what is sent is
/// decided here, by the program, and the name is only ever looked up below a directory the program allows.

#include <weft/core/error.hpp>
#include <weft/mysql/protocol/error.hpp>

#include <stdlib.h> // realpath

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace weft::inline v0::mysql {

/// Where the data comes from.
class infile_source {
public:
    virtual ~infile_source() = default;
    /// Fills the front of `into`; returns how much, 0 at the end. What it throws ends the statement.
    virtual std::size_t read(std::span<std::byte> into) = 0;
};

/// Data from a callable `std::size_t(std::span<std::byte>)`.
template <class Read>
class infile_from final : public infile_source {
public:
    explicit infile_from(Read read) : read_(std::move(read)) {}
    std::size_t read(std::span<std::byte> into) override { return read_(into); }

private:
    Read read_;
};

/// Data in memory.
class infile_text final : public infile_source {
public:
    explicit infile_text(std::string text) : text_(std::move(text)) {}
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t left = text_.size() - at_;
        const std::size_t size = left < into.size() ? left : into.size();
        if (size != 0) std::memcpy(into.data(), text_.data() + at_, size);
        at_ += size;
        return size;
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

/// Data of a file.
class infile_file final : public infile_source {
public:
    /// \throws operational_error 1017 when it cannot be read.
    explicit infile_file(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
        if (!file_) fail();
    }
    std::size_t read(std::span<std::byte> into) override {
        const std::size_t size = std::fread(into.data(), 1, into.size(), file_.get());
        if (size == 0 && std::ferror(file_.get()) != 0) fail();
        return size;
    }

private:
    [[noreturn]] void fail() const {
        protocol::throw_mysql(1017, "cannot read the file '" + path_ + "': " + std::strerror(errno));
    }

    struct closer {
        void operator()(std::FILE* f) const noexcept { std::fclose(f); }
    };

    std::string path_;
    std::unique_ptr<std::FILE, closer> file_;
};

namespace detail {

struct freed {
    void operator()(char* text) const noexcept { std::free(text); }
};

inline std::string real_path(const std::string& path) {
    const std::unique_ptr<char, freed> resolved(::realpath(path.c_str(), nullptr));
    if (!resolved) protocol::throw_mysql(1017, "cannot find the file '" + path + "': " + std::strerror(errno));
    return resolved.get();
}

/// Opens a file the server named if it lies below `directory`; links are followed before that is judged.
inline std::unique_ptr<infile_source> open_infile(const std::string& directory, const std::string& name) {
    if (directory.empty()) {
        throw not_supported_error("the server asks for the file '" + name +
                                  "', and this connection sends none; see local_infile and infile_directory");
    }
    const std::string allowed = real_path(directory) + '/';
    const std::string path = real_path(name.starts_with('/') ? name : allowed + name);
    if (!path.starts_with(allowed)) {
        throw not_supported_error("the server asks for the file '" + name + "', which is not below '" + directory +
                                  "'");
    }
    return std::make_unique<infile_file>(path);
}

} // namespace detail

} // namespace weft::inline v0::mysql
