// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Keys, values and paths as parameters of the key-value store. A key and a value are any bytes; what comes back is a
/// std::string, which owns bytes as every C++ key-value store hands them out (`weft::as_blob` views one as a blob).

#include <weft/core/blob.hpp>
#include <weft/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace weft::inline v0::embedded {

/// Bytes owned by somebody else, made from a text, a `blob` or a `blob_view`. A character array ends at its first NUL,
/// as everywhere in C++; `std::string_view("a\0b", 3)` does not. Order is by unsigned bytes.
class bytes_view {
public:
    constexpr bytes_view() noexcept = default;
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    constexpr bytes_view(const T& text) noexcept : text_(text) {}
    bytes_view(blob_view bytes) noexcept : text_(as_text(bytes)) {}
    bytes_view(const blob& bytes) noexcept : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}

    constexpr const char* data() const noexcept { return text_.data(); }
    constexpr std::size_t size() const noexcept { return text_.size(); }
    constexpr bool empty() const noexcept { return text_.empty(); }
    constexpr std::string_view text() const noexcept { return text_; }

    friend constexpr auto operator<=>(bytes_view a, bytes_view b) noexcept { return a.text_ <=> b.text_; }
    friend constexpr bool operator==(bytes_view a, bytes_view b) noexcept { return a.text_ == b.text_; }

private:
    std::string_view text_;
};

/// A path: one string taken as it is, or segments joined by `/`. A path is nothing but a key: `get_path(p)` is
/// `get(p)`. There is no normalisation and no escaping, so slashes at the ends and double ones count, and
/// `{"a", "b/c"}` is the path `a/b/c`. A NUL byte in a path is refused.
class key_path {
public:
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    key_path(const T& path) : view_(path) {
        check();
    }
    key_path(std::initializer_list<std::string_view> segments) { join(segments); }
    /// Any range of texts.
    template <class Range>
        requires(!std::convertible_to<const Range&, std::string_view> &&
                 requires(const Range& r) { std::string_view(*r.begin()); })
    key_path(const Range& segments) {
        join(segments);
    }
    key_path(const key_path&) = delete; // a parameter: it may view the caller's text
    key_path& operator=(const key_path&) = delete;

    /// The key.
    std::string_view text() const noexcept { return view_; }

private:
    template <class Range>
    void join(const Range& segments) {
        bool first = true;
        for (const auto& segment : segments) {
            if (!first) joined_ += '/';
            joined_ += std::string_view(segment);
            first = false;
        }
        view_ = joined_;
        check();
    }

    void check() const {
        const std::size_t nul = view_.find('\0');
        if (nul != std::string_view::npos)
            throw data_error("the path '" + std::string(view_.substr(0, nul)) + "…' has a NUL byte at position " +
                             std::to_string(nul));
    }

    std::string joined_;
    std::string_view view_;
};

/// The least key above every key that begins with `prefix`; empty when there is none, which as the end of a scan means
/// "to the last key".
inline std::string prefix_end(bytes_view prefix) {
    std::string end(prefix.text());
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

} // namespace weft::inline v0::embedded
