// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `temporary_directory`: a directory of its own for a test, gone when the test is.

#include <weft/core/error.hpp>

#include <stdlib.h> // mkdtemp

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace weft::inline v0::testing {

/// A new directory below the system's directory for temporary files. It is removed with everything in it when the
/// object is destroyed. Move-only; a moved-from object has an empty path.
class temporary_directory {
public:
    /// Makes the directory. \throws operational_error naming the path when that is impossible.
    temporary_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "weft-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw operational_error("cannot make a directory '" + name + "': " + std::strerror(errno));
        }
        path_ = name;
    }
    temporary_directory(temporary_directory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    temporary_directory& operator=(temporary_directory&& other) noexcept {
        if (this != &other) {
            remove();
            path_ = std::exchange(other.path_, {});
        }
        return *this;
    }
    ~temporary_directory() { remove(); }

    const std::filesystem::path& path() const noexcept { return path_; }

    /// The path of a file in the directory, as text: what databases are opened with.
    std::string operator/(std::string_view name) const { return (path_ / name).string(); }

private:
    void remove() noexcept {
        if (path_.empty()) return;
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::filesystem::path path_;
};

} // namespace weft::inline v0::testing
