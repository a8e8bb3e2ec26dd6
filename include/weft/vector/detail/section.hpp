// SPDX-License-Identifier: BSL-1.0
#pragma once

// Sections of index files as plain values.

#include <weft/vector/file.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace weft::inline v0::vector::detail {

/// A section that holds one plain record, whose checksum is compared.
template <class Record>
Record read_fixed(const index_file& file, const char* name) {
    if (!file.has(name)) file.refuse("it has no section '" + std::string(name) + "'; it holds another kind of index");
    file.verify(name);
    const std::span<const std::byte> bytes = file.section(name);
    if (bytes.size() != sizeof(Record)) file.refuse("its section '" + std::string(name) + "' has another size");
    Record record;
    std::memcpy(&record, bytes.data(), sizeof record);
    return record;
}

/// A section copied as values, whose checksum is compared. `count` of -1 takes what is there.
template <class T>
std::vector<T> read_values(const index_file& file, const char* name, std::size_t count = static_cast<std::size_t>(-1)) {
    file.verify(name);
    const std::span<const std::byte> bytes = file.section(name);
    const std::size_t there = bytes.size() / sizeof(T);
    if (count == static_cast<std::size_t>(-1)) count = there;
    if (count != there || bytes.size() % sizeof(T) != 0)
        file.refuse("its section '" + std::string(name) + "' has " + std::to_string(bytes.size()) + " bytes");
    std::vector<T> values(count);
    if (count != 0) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

} // namespace weft::inline v0::vector::detail
