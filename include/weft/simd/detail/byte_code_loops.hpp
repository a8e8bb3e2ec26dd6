// SPDX-License-Identifier: BSL-1.0

// Included at the end of distance_loops.hpp, in the same namespaces.

WEFT_SIMD_TARGET inline float largest_magnitude(const float* values, std::size_t n) noexcept {
    floats most{};
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        const floats size = (floats)((ints)load<dot>(values + i) & 0x7FFFFFFF);
        most = size > most ? size : most;
    }
    float largest = 0;
    for (std::size_t j = 0; j < lanes; ++j) largest = most[j] > largest ? most[j] : largest;
    for (std::size_t j = 0; j < n % lanes; ++j) {
        const float size = __builtin_fabsf(values[i + j]);
        largest = size > largest ? size : largest;
    }
    return largest;
}

WEFT_SIMD_TARGET inline detail::byte_sums quantise(const float* values, std::size_t n, float factor,
                                                   std::int8_t* codes) noexcept {
    typedef std::int8_t few_bytes __attribute__((vector_size(lanes)));
    const floats most = floats{} + 127.0F;
    const floats half = floats{} + 0.5F;
    ints sum{};
    ints squares{};
    for (std::size_t i = 0; i < n; i += lanes) {
        floats code{};
        const std::size_t here = n - i < lanes ? n - i : lanes;
        if (here == lanes)
            code = load<dot>(values + i) * factor;
        else
            for (std::size_t j = 0; j < here; ++j) code[j] = values[i + j] * factor;
        code = code < most ? code : most; // a NaN becomes 127
        code = code > -most ? code : -most;
        const ints rounded = __builtin_convertvector(code + (code < 0 ? -half : half), ints);
        sum += rounded;
        squares += rounded * rounded;
        const few_bytes narrow = __builtin_convertvector(rounded, few_bytes);
        __builtin_memcpy(codes + i, &narrow, here);
    }
    detail::byte_sums sums{0, 0};
    for (std::size_t j = 0; j < lanes; ++j) {
        sums.codes += sum[j];
        sums.squares += squares[j];
    }
    return sums;
}

// In double precision: no square of a float overflows or vanishes.
WEFT_SIMD_TARGET inline void normalise(const float* values, std::size_t n, float* out) noexcept {
    typedef double doubles __attribute__((vector_size(lanes * 4)));
    typedef float half_floats __attribute__((vector_size(lanes * 2)));
    constexpr std::size_t width = lanes / 2;
    doubles sums[4] = {};
    const std::size_t in_fours = n / (4 * width) * (4 * width);
    for (std::size_t i = 0; i < in_fours; i += 4 * width)
        for (std::size_t j = 0; j < 4; ++j) {
            half_floats narrow;
            __builtin_memcpy(&narrow, values + i + j * width, sizeof narrow);
            const doubles v = __builtin_convertvector(narrow, doubles);
            sums[j] += v * v;
        }
    const doubles all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double squares = 0;
    for (std::size_t j = 0; j < width; ++j) squares += all[j];
    for (std::size_t i = in_fours; i < n; ++i) squares += static_cast<double>(values[i]) * values[i];
    const double inverse = squares > 0 ? 1.0 / __builtin_sqrt(squares) : 0.0;
    const std::size_t whole = n / width * width;
    for (std::size_t i = 0; i < whole; i += width) {
        half_floats v;
        __builtin_memcpy(&v, values + i, sizeof v);
        v = __builtin_convertvector(__builtin_convertvector(v, doubles) * inverse, half_floats);
        __builtin_memcpy(out + i, &v, sizeof v);
    }
    for (std::size_t i = whole; i < n; ++i) out[i] = static_cast<float>(values[i] * inverse);
}
