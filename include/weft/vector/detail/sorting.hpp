// SPDX-License-Identifier: BSL-1.0
#pragma once

// Sorting by operator<, without <algorithm>: insertion for few values, a heap for many.

#include <weft/core/config.hpp>

#include <cstddef>

namespace weft::inline v0::vector::detail {

template <class T>
void sift_down(T* values, std::size_t root, std::size_t count) {
    const T moved = values[root];
    for (std::size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && values[child] < values[child + 1]) ++child;
        if (!(moved < values[child])) break;
        values[root] = values[child];
        root = child;
    }
    values[root] = moved;
}

template <class T>
void sort_values(T* values, std::size_t count) {
    if (count <= 64) {
        for (std::size_t i = 1; i < count; ++i) {
            const T moved = values[i];
            std::size_t at = i;
            for (; at > 0 && moved < values[at - 1]; --at) values[at] = values[at - 1];
            values[at] = moved;
        }
        return;
    }
    for (std::size_t i = count / 2; i-- > 0;) sift_down(values, i, count);
    for (std::size_t end = count - 1; end > 0; --end) {
        const T last = values[end];
        values[end] = values[0];
        values[0] = last;
        sift_down(values, 0, end);
    }
}

} // namespace weft::inline v0::vector::detail
