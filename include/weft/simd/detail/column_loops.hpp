// SPDX-License-Identifier: BSL-1.0

// Included at the end of distance_loops.hpp, in the same namespaces. One query against the columns of a matrix; `count`
// is a multiple of 16.

template <class Operation>
WEFT_SIMD_TARGET void column_distances(const float* query, const float* columns, std::size_t n, std::size_t count,
                                       float* out) noexcept {
    for (std::size_t j = 0; j < count; j += 16) {
        floats sums[16 / lanes] = {};
        for (std::size_t d = 0; d < n; ++d)
            for (std::size_t v = 0; v < 16 / lanes; ++v)
                sums[v] = step(Operation{}, sums[v], floats{} + query[d],
                               load<Operation>(columns + d * count + j + v * lanes));
        __builtin_memcpy(out + j, sums, sizeof sums);
    }
}

template <class Four, class Vector>
WEFT_SIMD_INLINE auto least_of_lanes(Vector v) noexcept {
    Four parts[lanes / 4];
    __builtin_memcpy(&parts, &v, sizeof v);
    Four least = parts[0];
    for (std::size_t i = 1; i < lanes / 4; ++i) least = parts[i] < least ? parts[i] : least;
    const auto a = least[1] < least[0] ? least[1] : least[0];
    const auto b = least[3] < least[2] ? least[3] : least[2];
    return b < a ? b : a;
}

// Four vectors at a time, so that their sums do not wait for each other; `count` may be one, two or three vectors more.
template <class Operation, std::size_t Vectors>
WEFT_SIMD_INLINE void keep_nearest(const float* query, const float* columns, std::size_t n, std::size_t count,
                                   std::size_t j, floats& best, words& where) noexcept {
    floats sums[Vectors] = {};
    for (std::size_t d = 0; d < n; ++d)
        for (std::size_t v = 0; v < Vectors; ++v)
            sums[v] =
                step(Operation{}, sums[v], floats{} + query[d], load<Operation>(columns + d * count + j + v * lanes));
    for (std::size_t v = 0; v < Vectors; ++v) {
        const ints nearer = sums[v] < best;
        best = nearer ? sums[v] : best;
        where = nearer ? words{} + static_cast<std::uint32_t>((j + v * lanes) / lanes) : where;
    }
}

template <class Operation>
WEFT_SIMD_TARGET std::size_t nearest_column(const float* query, const float* columns, std::size_t n, std::size_t count,
                                            float* distance) noexcept {
    floats best = floats{} + __builtin_inff();
    words where{};
    std::size_t j = 0;
    constexpr std::size_t stride = std::size_t{4} * lanes;
    for (; count - j >= stride; j += stride) keep_nearest<Operation, 4>(query, columns, n, count, j, best, where);
    for (; j < count; j += lanes) keep_nearest<Operation, 1>(query, columns, n, count, j, best, where);
    *distance = least_of_lanes<four_floats>(best);
    words columns_of_lanes;
    __builtin_memcpy(&columns_of_lanes, detail::lane_numbers.numbers, sizeof columns_of_lanes);
    columns_of_lanes += where * static_cast<std::uint32_t>(lanes);
    return least_of_lanes<four_words>(best == (floats{} + *distance) ? columns_of_lanes : words{} - 1);
}
