// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `result<T>`: a value or the error that prevented it, for programs that do not want exceptions at the call. Every
/// throwing function `f` of the library has a form `try_f` that returns one.

#include <weft/core/error.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft::inline v0 {

/// A caught weft error that can be inspected, stored, copied, and thrown again as the class it was.
class failure {
public:
    /// `caught` must be the error that is being handled.
    explicit failure(const error& caught) noexcept : error_(caught), original_(std::current_exception()) {}

    const char* what() const noexcept { return error_.what(); }
    errc kind() const noexcept { return error_.kind(); }
    const weft::diagnostics& diagnostics() const noexcept { return error_.diagnostics(); }
    /// Include `weft/core/error_code.hpp` to call it.
    boost::system::error_code code() const noexcept;

    /// Throws the original exception.
    [[noreturn]] void rethrow() const { std::rethrow_exception(original_); }

private:
    error error_; // shares its state with the original; slicing is intended
    std::exception_ptr original_;
};

/// A `T` or a `failure`. `T` may be void.
template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;

    result(T value) : value_(std::move(value)) {}
    result(failure why) : failure_(std::move(why)) {}

    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the stored error when there is none.
    T& value() & {
        if (!value_) failure_->rethrow();
        return *value_;
    }
    const T& value() const& {
        if (!value_) failure_->rethrow();
        return *value_;
    }
    T&& value() && {
        if (!value_) failure_->rethrow();
        return std::move(*value_);
    }

    /// The value; undefined when there is none.
    T& operator*() & noexcept { return *value_; }
    const T& operator*() const& noexcept { return *value_; }
    T&& operator*() && noexcept { return std::move(*value_); }
    T* operator->() noexcept { return &*value_; }
    const T* operator->() const noexcept { return &*value_; }

    template <class U>
    T value_or(U&& fallback) && {
        return value_ ? std::move(*value_) : static_cast<T>(std::forward<U>(fallback));
    }

    /// The failure; undefined when there is a value.
    const failure& error() const noexcept { return *failure_; }

private:
    std::optional<T> value_;
    std::optional<failure> failure_;
};

template <std::same_as<void> T>
class [[nodiscard]] result<T> {
public:
    using value_type = void;

    result() noexcept = default;
    result(failure why) : failure_(std::move(why)) {}

    bool has_value() const noexcept { return !failure_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    void value() const {
        if (failure_) failure_->rethrow();
    }

    const failure& error() const noexcept { return *failure_; }

private:
    std::optional<failure> failure_;
};

/// Calls `f` and turns a weft error into a failed result. Other exceptions pass through.
template <class F>
auto attempt(F&& f) -> result<std::invoke_result_t<F>> {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
            std::forward<F>(f)();
            return {};
        } else {
            return std::forward<F>(f)();
        }
    } catch (const error& e) {
        return failure(e);
    }
}

} // namespace weft::inline v0
