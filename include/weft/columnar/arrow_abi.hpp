// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The structures of the Arrow C data interface and C stream interface, and move-only owners that release them exactly
/// once. Any other header that defines the structures may be included beside this one, in any order: all of them use
/// the guards which the specification gives.

#include <weft/core/config.hpp>

#include <cstdint>
#include <utility>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {

struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema** children;
    struct ArrowSchema* dictionary;
    void (*release)(struct ArrowSchema*);
    void* private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void** buffers;
    struct ArrowArray** children;
    struct ArrowArray* dictionary;
    void (*release)(struct ArrowArray*);
    void* private_data;
};
}

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

extern "C" {

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
    int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
    const char* (*get_last_error)(struct ArrowArrayStream*);
    void (*release)(struct ArrowArrayStream*);
    void* private_data;
};
}

#endif

namespace weft::inline v0 {

namespace detail {

/// Owns one C structure. A structure whose `release` is null holds nothing ("released structure", C data interface,
/// section "Memory management"); moving copies the bytes and marks the source released (section "Moving an array").
template <class C>
class arrow_owner {
public:
    arrow_owner() noexcept = default;
    /// Moves the structure out of `*foreign`, which is marked released.
    explicit arrow_owner(C* foreign) noexcept : c_(*foreign) { foreign->release = nullptr; }
    arrow_owner(arrow_owner&& other) noexcept : c_(std::exchange(other.c_, C{})) {}
    arrow_owner& operator=(arrow_owner&& other) noexcept {
        if (this != &other) {
            reset();
            c_ = std::exchange(other.c_, C{});
        }
        return *this;
    }
    ~arrow_owner() { reset(); }

    /// Whether there is something to release.
    explicit operator bool() const noexcept { return c_.release != nullptr; }

    /// The structure, still owned here.
    C* get() noexcept { return &c_; }
    const C* get() const noexcept { return &c_; }
    C* operator->() noexcept { return &c_; }
    const C* operator->() const noexcept { return &c_; }
    const C& operator*() const noexcept { return c_; }

    /// Releases what is held, and gives the empty structure to a producer that fills it.
    C* out() noexcept {
        reset();
        return &c_;
    }

    /// Hands the structure over: the caller must release it. This owner is empty afterwards.
    C release() noexcept { return std::exchange(c_, C{}); }
    /// As release(), into a consumer's structure, whose former content is not looked at.
    void move_to(C* consumer) noexcept { *consumer = release(); }

    /// Releases what is held.
    void reset() noexcept {
        if (c_.release != nullptr) c_.release(&c_);
        c_ = C{};
    }

private:
    C c_{};
};

} // namespace detail

/// Owner of an ArrowSchema.
class arrow_schema : public detail::arrow_owner<ArrowSchema> {
public:
    using arrow_owner::arrow_owner;
};

/// Owner of an ArrowArray.
class arrow_array : public detail::arrow_owner<ArrowArray> {
public:
    using arrow_owner::arrow_owner;
};

} // namespace weft::inline v0
