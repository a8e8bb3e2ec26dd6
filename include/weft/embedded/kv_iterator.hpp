// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `kv_iterator`: makes a range of what hands out entries one after the other.

#include <weft/core/config.hpp>

#include <cstddef>
#include <iterator>

namespace weft::inline v0::embedded {

/// Goes through a `Cursor` once: its `next()` returns a pointer to the next `Entry`, valid until the next call, or null
/// at the end. Compared with std::default_sentinel.
template <class Cursor, class Entry>
class kv_iterator {
public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    kv_iterator() = default;
    explicit kv_iterator(Cursor& of) : of_(&of), at_(of.next()) {}

    const Entry& operator*() const noexcept { return *at_; }
    const Entry* operator->() const noexcept { return at_; }
    kv_iterator& operator++() {
        at_ = of_->next();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const kv_iterator& i, std::default_sentinel_t) noexcept { return i.at_ == nullptr; }

private:
    Cursor* of_ = nullptr;
    const Entry* at_ = nullptr;
};

} // namespace weft::inline v0::embedded
