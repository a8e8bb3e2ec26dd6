// SPDX-License-Identifier: BSL-1.0

// A sound index file with bytes of it changed: each four bytes of the input are a place and a value. Where the first
// byte of the input is odd, headers and directory are sealed again, so that the damage is met by searches and changes.

#include <weft/vector/hnsw_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

using namespace weft::vector;

namespace {

using small_index = hnsw<l2, int8>;
using coded_index = hnsw<l2, rabitq>; // where the second bit of the first byte is set

std::string path_of(int file) {
    return "/proc/self/fd/" + std::to_string(file);
}

std::vector<float> point(std::uint32_t i) {
    return {static_cast<float>(i % 7), static_cast<float>(i % 11), static_cast<float>(i * i % 13)};
}

template <class Index>
std::vector<unsigned char> sound_file() {
    Index index(3, {.m = 2, .ef_construction = 10});
    for (std::uint32_t i = 0; i < 40; ++i) index.insert(i, point(i));
    index.erase(7);
    const std::string path = "/tmp/weft-fuzz-" + std::to_string(::getpid());
    save_index(index, path);
    const detail::file_mapping file(path);
    ::unlink(path.c_str());
    const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
    return {bytes, bytes + file.size()};
}

// Makes the checksums right that are compared when a file is opened.
void seal(std::vector<unsigned char>& file) {
    detail::file_header header;
    std::memcpy(&header, file.data(), sizeof header);
    if (header.directory_bytes > file.size() || header.directory > file.size() - header.directory_bytes) return;
    for (std::uint64_t at = 0; at + sizeof(detail::file_section) <= header.directory_bytes;
         at += sizeof(detail::file_section)) {
        detail::file_section section;
        unsigned char* const place = file.data() + header.directory + at;
        std::memcpy(&section, place, sizeof section);
        if (section.title() != "hnsw" || section.size > file.size() || section.offset > file.size() - section.size)
            continue;
        section.sum = detail::checksum(file.data() + section.offset, section.size);
        std::memcpy(place, &section, sizeof section);
    }
    header.directory_sum = detail::checksum(file.data() + header.directory, header.directory_bytes);
    header.seal();
    std::memcpy(file.data(), &header, sizeof header);
}

template <class Index>
void use(const std::string& path) {
    auto index = open_index<Index>(path);
    for (std::uint32_t i = 0; i < 3; ++i) {
        static_cast<void>(index.search(point(i), 5));
        static_cast<void>(index.search(point(i), 50, {.ef = 50}));
        static_cast<void>(index.search(point(i), 5, [](std::uint64_t id) { return id % 2 == 0; }));
        static_cast<void>(index.range_search(point(i), 9));
        static_cast<void>(index.contains(i));
    }
    static_cast<void>(index.stats());
    for (std::uint32_t i = 35; i < 45; ++i) index.insert(i, point(i));
    for (std::uint32_t i = 0; i < 45; ++i) static_cast<void>(index.erase(i));
    index.consolidate();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<unsigned char> sound[] = {sound_file<small_index>(), sound_file<coded_index>()};
    static const int file = ::memfd_create("fuzz", 0);
    if (size == 0) return 0;
    const bool is_coded = (data[0] & 2) != 0;
    std::vector<unsigned char> changed = sound[is_coded ? 1 : 0];
    for (std::size_t i = 1; i + 4 <= size; i += 4) {
        const std::size_t place = data[i] | std::size_t{data[i + 1]} << 8;
        const bool page = place < 512; // headers, else sections
        changed[(page ? place % 128 : 4096 + place) % changed.size()] = data[i + 2];
    }
    if (data[0] % 2 == 1) seal(changed);
    if (data[0] % 8 == 6) changed.resize(changed.size() / 256 * data[0]);
    if (::ftruncate(file, static_cast<off_t>(changed.size())) != 0 ||
        ::pwrite(file, changed.data(), changed.size(), 0) != static_cast<ssize_t>(changed.size()))
        std::abort();
    try {
        is_coded ? use<coded_index>(path_of(file)) : use<small_index>(path_of(file));
    } catch (const weft::error&) {}
    return 0;
}
