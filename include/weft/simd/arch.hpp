// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Which instruction set a kernel uses. The default asks the processor once per process, so one program is fast on new
/// machines and runs on old ones:
///
///     parse_dates(base, cells, count, out, 4);               // the best set this processor has
///     parse_dates<arch::avx2>(base, cells, count, out, 4);   // fixed when compiling; the processor must have it
///     parse_dates<arch::native>(base, cells, count, out, 4); // the best set that the compiler's -m flags promise
///     parse_dates<arch::xsimd<>>(base, cells, count, out, 4); // on xsimd: include <weft/simd/xsimd.hpp>
///
/// The default is the same type whatever the flags, and every function that depends on a set lives in a namespace of
/// that set's name. Units compiled with different flags can therefore be linked into one program.

namespace weft::inline v0::simd {

namespace arch {
/// Plain loops: the definition of what the others compute, and slow.
struct scalar {};
/// 64-bit words, on every processor.
struct portable {};
/// x86-64 with AVX2.
struct avx2 {};
/// x86-64 with AVX-512 F, BW, DQ and VL.
struct avx512 {};
/// The best of these that the processor has, found on first use.
struct dispatched {};

/// The best set that every processor has for which this unit is compiled. Another type under other flags: name it in
/// code that is compiled once, not in inline functions of headers.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
using native = avx512;
#elif defined(__AVX2__)
using native = avx2;
#else
using native = portable;
#endif
} // namespace arch

namespace detail {

// A set that brings kernels of its own as `Arch::kernels`, from a header of its own (weft/simd/xsimd.hpp).
template <class Arch>
concept brings_kernels = requires { typename Arch::kernels; };

enum class level : unsigned char { portable, avx2, avx512 };

inline level detect() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2")) return level::portable;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return level::avx512;
    return level::avx2;
#else
    return level::portable;
#endif
}

inline level detected() noexcept {
    static const level found = detect();
    return found;
}

template <class Arch>
inline level level_of(Arch) noexcept {
    return level::portable;
}
inline level level_of(arch::avx2) noexcept {
    return level::avx2;
}
inline level level_of(arch::avx512) noexcept {
    return level::avx512;
}
inline level level_of(arch::dispatched) noexcept {
    return detected();
}

} // namespace detail

/// Whether this processor has the instruction set.
template <class Arch>
inline bool is_available() noexcept {
    if constexpr (detail::brings_kernels<Arch>)
        return Arch::kernels::is_available();
    else
        return detail::level_of(Arch{}) <= detail::detected();
}

} // namespace weft::inline v0::simd
