// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Writing C++ values as cells, for parameters. `cell_writer<T>::write(v, storage)` returns a view of `v`; what the
/// value itself does not hold goes into `storage`, which lives until the statement has been executed. Specialise it to
/// bind a type of your own.

#include <weft/core/cell.hpp>
#include <weft/core/cell_reader.hpp>

#include <concepts>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// Memory for cells whose text does not exist yet. Addresses stay valid until `clear()`.
class cell_storage {
public:
    cell_storage() noexcept = default;
    cell_storage(const cell_storage&) = delete;
    cell_storage& operator=(const cell_storage&) = delete;
    ~cell_storage() { clear(); }

    /// Keeps a copy of `text` and returns a view of it.
    std::string_view keep(std::string_view text) {
        if (last_ == nullptr || text.size() > capacity_ - used_) {
            const std::size_t size = text.size() < first_size ? first_size : 2 * text.size();
            last_ = new (::operator new(sizeof(chunk) + size)) chunk{last_};
            capacity_ = size;
            used_ = 0;
        }
        char* place = reinterpret_cast<char*>(last_ + 1) + used_;
        text.copy(place, text.size());
        used_ += text.size();
        return {place, text.size()};
    }

    void clear() noexcept {
        while (last_ != nullptr) ::operator delete(std::exchange(last_, last_->before));
        capacity_ = used_ = 0;
    }

private:
    struct chunk { // its bytes follow it
        chunk* before;
    };

    static constexpr std::size_t first_size = 256;
    chunk* last_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t used_ = 0;
};

/// How a `T` becomes a cell. The primary template is empty: `T` cannot be bound.
template <class T>
struct cell_writer {};

/// A type that can be bound as one parameter.
template <class T>
concept cell_writable = requires(const std::remove_cvref_t<T>& v, cell_storage& storage) {
    { cell_writer<std::remove_cvref_t<T>>::write(v, storage) } -> std::same_as<cell>;
};

/// The value as a cell; `v` and `storage` must outlive it.
template <cell_writable T>
cell to_cell(const T& v, cell_storage& storage) {
    return cell_writer<T>::write(v, storage);
}

template <>
struct cell_writer<cell> {
    static cell write(const cell& v, cell_storage&) noexcept { return v; }
};
template <>
struct cell_writer<std::nullptr_t> {
    static cell write(std::nullptr_t, cell_storage&) noexcept { return cell(); }
};
template <>
struct cell_writer<std::nullopt_t> {
    static cell write(std::nullopt_t, cell_storage&) noexcept { return cell(); }
};
template <>
struct cell_writer<bool> {
    static cell write(bool v, cell_storage&) noexcept { return cell(v); }
};
template <detail::plain_integer T>
struct cell_writer<T> {
    static cell write(T v, cell_storage&) noexcept {
        if constexpr (std::signed_integral<T>) {
            return cell(static_cast<std::int64_t>(v));
        } else {
            return cell(static_cast<std::uint64_t>(v));
        }
    }
};
template <std::floating_point T>
struct cell_writer<T> {
    static cell write(T v, cell_storage&) noexcept { return cell(static_cast<double>(v)); }
};
template <class T>
    requires std::is_enum_v<T> && (!std::same_as<T, std::byte>)
struct cell_writer<T> {
    static cell write(T v, cell_storage& storage) noexcept {
        return cell_writer<std::underlying_type_t<T>>::write(static_cast<std::underlying_type_t<T>>(v), storage);
    }
};

/// Everything that views as text: strings, string views, literals.
template <class T>
    requires std::convertible_to<const T&, std::string_view>
struct cell_writer<T> {
    static cell write(const T& v, cell_storage&) noexcept { return cell::of_text(std::string_view(v)); }
};
template <std::same_as<blob> T>
struct cell_writer<T> {
    static cell write(const T& v, cell_storage&) noexcept { return cell::of_blob({v.data(), v.size()}); }
};
template <>
struct cell_writer<blob_view> {
    static cell write(blob_view v, cell_storage&) noexcept { return cell::of_blob(v); }
};
template <>
struct cell_writer<vector_view<float>> {
    static cell write(vector_view<float> v, cell_storage&) noexcept { return cell::of_vector(v); }
};
/// One value, a dense vector, as `cell_reader` reads it; other ranges are lists.
template <std::same_as<std::vector<float>> T>
struct cell_writer<T> {
    static cell write(const T& v, cell_storage&) noexcept { return cell::of_vector({v.data(), v.size()}); }
};
template <class T>
    requires(std::same_as<T, date> || std::same_as<T, time> || std::same_as<T, datetime> || std::same_as<T, decimal>)
struct cell_writer<T> {
    static cell write(const T& v, cell_storage&) noexcept { return cell(v); }
};
template <cell_writable T>
struct cell_writer<std::optional<T>> {
    static cell write(const std::optional<T>& v, cell_storage& storage) {
        return v ? cell_writer<T>::write(*v, storage) : cell();
    }
};

} // namespace weft::inline v0
