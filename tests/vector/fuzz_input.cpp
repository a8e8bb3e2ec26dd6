// SPDX-License-Identifier: BSL-1.0

// Headers of NPY files, descriptions of raw files, and rows of fvecs and bvecs files: the first byte says which.

#include <weft/vector/input.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

using namespace weft::vector;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    std::size_t numbers = 0;
    const auto count = [&](auto) { ++numbers; };
    try {
        switch (data[0] % 4) {
        case 0: {
            const detail::npy_layout layout = detail::parse_npy(bytes);
            if (layout.offset > bytes.size()) __builtin_trap();
            if (layout.dimension != 0 && layout.rows > (bytes.size() - layout.offset) / 4 / layout.dimension)
                __builtin_trap();
            break;
        }
        case 1: static_cast<void>(detail::parse_sidecar({reinterpret_cast<const char*>(data) + 1, size - 1})); break;
        case 2: static_cast<void>(vector_reader::vecs<float>(bytes, "fuzz", count)); break;
        default: static_cast<void>(vector_reader::vecs<std::uint8_t>(bytes, "fuzz", count)); break;
        }
    } catch (const weft::data_error&) {}
    if (numbers > size) __builtin_trap();
    return 0;
}
