// SPDX-License-Identifier: BSL-1.0

// Included at the end of distance_loops.hpp, in the same namespaces.

// The butterflies between elements of one vector whose places differ in the bit H.
template <int H, std::size_t... I>
WEFT_SIMD_INLINE floats butterflies_within(floats v, std::index_sequence<I...>) noexcept {
    const floats signs = {((static_cast<int>(I) & H) != 0 ? -1.0F : 1.0F)...};
    return __builtin_shufflevector(v, v, (static_cast<int>(I) ^ H)...) + v * signs;
}

// Two layers of butterflies for each time through memory.
WEFT_SIMD_TARGET inline void hadamard(float* values, std::size_t n) noexcept {
    using places = std::make_index_sequence<lanes>;
    for (std::size_t i = 0; i < n; i += lanes) {
        floats v = butterflies_within<2>(butterflies_within<1>(load<dot>(values + i), places{}), places{});
        if constexpr (lanes >= 8) v = butterflies_within<4>(v, places{});
        if constexpr (lanes >= 16) v = butterflies_within<8>(v, places{});
        store(v, values + i);
    }
    std::size_t h = lanes;
    for (; 4 * h <= n; h *= 4)
        for (std::size_t block = 0; block < n; block += 4 * h)
            for (float* p = values + block; p < values + block + h; p += lanes) {
                const floats a = load<dot>(p) + load<dot>(p + h);
                const floats b = load<dot>(p) - load<dot>(p + h);
                const floats c = load<dot>(p + 2 * h) + load<dot>(p + 3 * h);
                const floats d = load<dot>(p + 2 * h) - load<dot>(p + 3 * h);
                store(a + c, p);
                store(b + d, p + h);
                store(a - c, p + 2 * h);
                store(b - d, p + 3 * h);
            }
    if (h < n) // one layer is left
        for (float* p = values; p < values + h; p += lanes) {
            const floats a = load<dot>(p);
            const floats b = load<dot>(p + h);
            store(a + b, p);
            store(a - b, p + h);
        }
}

WEFT_SIMD_TARGET inline void multiply(float* values, const float* factors, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; i += lanes) store(load<dot>(values + i) * load<dot>(factors + i), values + i);
}

WEFT_SIMD_TARGET inline void mix_halves(float* values, std::size_t half) noexcept {
    for (float* p = values; p < values + half; p += lanes) {
        const floats a = load<dot>(p);
        const floats b = load<dot>(p + half);
        store(a + b, p);
        store(a - b, p + half);
    }
}

WEFT_SIMD_TARGET inline void subset_tables(const float* values, std::size_t groups, float scale,
                                           std::uint8_t* tables) noexcept {
    typedef std::uint8_t few_bytes __attribute__((vector_size(lanes)));
    for (std::size_t g = 0; g < groups; ++g) {
        float part[4];
        float least = 0.5F; // what is cut off is rounded then
        for (std::size_t j = 0; j < 4; ++j) {
            part[j] = values[j * groups + g] * scale;
            least +=
                0.5F * (__builtin_fabsf(part[j]) - part[j]); // no branch, which would be guessed wrongly half the time
        }
        for (std::size_t first = 0; first < 16; first += lanes) {
            floats sums = floats{} + least;
            for (std::size_t j = 0; j < 4; ++j) sums += load<dot>(detail::bits_of.as_floats[j] + first) * part[j];
            const few_bytes entries = __builtin_convertvector(__builtin_convertvector(sums, ints), few_bytes);
            __builtin_memcpy(tables + 16 * g + first, &entries, sizeof entries);
        }
    }
}

WEFT_SIMD_INLINE float sum_of(floats v) noexcept {
    float parts[lanes];
    __builtin_memcpy(parts, &v, sizeof v);
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) parts[i] += parts[i + half];
    return parts[0];
}

WEFT_SIMD_TARGET inline detail::sign_sums sign_codes(const float* from, const float* to, std::size_t groups,
                                                     std::uint8_t* codes) noexcept {
    typedef std::uint8_t few_bytes __attribute__((vector_size(lanes)));
    floats size{};
    floats squares{};
    floats along_signs{};
    floats along{};
    for (std::size_t g = 0; g < groups; g += lanes) {
        ints code{};
        for (std::size_t j = 0; j < 4; ++j) {
            const floats base = load<dot>(from + j * groups + g);
            const floats step = load<dot>(to + j * groups + g) - base;
            const ints positive = step > 0;
            code |= positive & (1 << j);
            size += positive ? step : -step;
            squares += step * step;
            along_signs += positive ? base : -base;
            along += step * base;
        }
        const few_bytes narrow = __builtin_convertvector(code, few_bytes);
        __builtin_memcpy(codes + g, &narrow, sizeof narrow);
    }
    return {sum_of(size), sum_of(squares), sum_of(along_signs), sum_of(along)};
}
