// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How an index keeps its vectors: the codes that a search compares, and whether the full-precision vectors are kept
/// beside them to order the best candidates exactly.
///
/// | Storage          | Bytes per vector, D numbers | Distances returned                               |
/// |------------------|-----------------------------|--------------------------------------------------|
/// | `f32`            | 4 D                         | exact                                            |
/// | `f16`, `bf16`    | 2 D + 4 D                   | exact, of the candidates the codes found         |
/// | `int8`           | D + 8 + 4 D                 | exact, of the candidates the codes found         |
/// | `codes_only<S>`  | without the 4 D             | of the codes                                     |
///
/// Each row of codes is rounded up to whole cache lines of 64 bytes.

#include <weft/core/config.hpp>
#include <weft/vector/metric.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace weft::inline v0::vector {

/// The kinds of codes as values. The numbers are those in index files.
enum class code_kind : std::uint8_t { f32 = 0, f16 = 1, bf16 = 2, int8 = 3 };

/// The name of a kind of codes: `f32`, `f16`, `bf16` or `int8`.
constexpr std::string_view name_of(code_kind codes) noexcept {
    constexpr std::string_view names[] = {"f32", "f16", "bf16", "int8"};
    const auto index = static_cast<std::size_t>(codes);
    return index < 4 ? names[index] : std::string_view("unknown");
}

/// A storage policy; see the table above.
template <code_kind Codes, bool KeepsVectors>
struct stored {
    static constexpr code_kind codes = Codes;
    /// Whether the full-precision vectors are kept as well.
    static constexpr bool keeps_vectors = KeepsVectors;
};

/// Floats: no codes, nothing lost.
using f32 = stored<code_kind::f32, false>;
/// IEEE half floats: 11 bits of precision, numbers up to 65 504.
using f16 = stored<code_kind::f16, true>;
/// The upper halves of floats: 8 bits of precision, any number.
using bf16 = stored<code_kind::bf16, true>;
/// Numbers of 8 bits, each vector with a scale of its own: nothing has to be trained. For `l2`, `inner_product` and
/// `cosine`. Vectors of which a few numbers dwarf all others lose the others: take `bf16` for those.
using int8 = stored<code_kind::int8, true>;

/// The codes of another storage without the full-precision vectors.
template <class Storage>
using codes_only = stored<Storage::codes, false>;

/// A storage policy that has codes for the metric.
template <class Storage, class Metric>
concept storage_for = requires {
    { Storage::codes } -> std::convertible_to<code_kind>;
    { Storage::keeps_vectors } -> std::convertible_to<bool>;
} && number_metric<Metric> && (Storage::codes != code_kind::int8 || static_cast<int>(Metric::kind) <= 2);

} // namespace weft::inline v0::vector
