// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Many vectors seen as one matrix, and what long operations take besides their data.

#include <weft/core/config.hpp>
#include <weft/core/error.hpp>

#include <cstddef>
#include <span>
#include <stop_token>
#include <type_traits>

namespace weft::inline v0::vector {

/// Rows of `dimension` floats one after another, which someone else keeps alive.
struct matrix_view {
    const float* data = nullptr;
    std::size_t rows = 0;
    std::size_t dimension = 0;

    /// One row; `index` is below `rows`.
    std::span<const float> row(std::size_t index) const noexcept { return {data + index * dimension, dimension}; }
};

/// A function `(std::size_t done, std::size_t total)` that is told how far an operation has come, from the calling
/// thread and a few hundred times at most. Refers to the function, which must outlive the operation; empty by default.
class progress_view {
public:
    progress_view() noexcept = default;
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, progress_view> &&
                 std::is_invocable_v<F&, std::size_t, std::size_t>)
    progress_view(F&& f) noexcept
        : object_(const_cast<void*>(static_cast<const volatile void*>(&f))),
          call_([](void* object, std::size_t done, std::size_t total) {
              (*static_cast<std::remove_reference_t<F>*>(object))(done, total);
          }) {}

    explicit operator bool() const noexcept { return call_ != nullptr; }
    void operator()(std::size_t done, std::size_t total) const {
        if (call_ != nullptr) call_(object_, done, total);
    }

private:
    void* object_ = nullptr;
    void (*call_)(void*, std::size_t, std::size_t) = nullptr;
};

/// An operation was cancelled through its stop token; what it would have written is not there.
class cancelled_error : public operational_error {
public:
    using operational_error::operational_error;
};

/// How an operation on many vectors runs.
struct bulk_options {
    std::size_t threads = 0;  ///< 0: one for each processor
    std::stop_token stop{};   ///< ends the operation early
    progress_view progress{}; ///< told how many vectors are done
};

} // namespace weft::inline v0::vector
