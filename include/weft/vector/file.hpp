// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The container of index files: named sections of bytes, each with a checksum, mapped into memory to be read.
///
/// | Offset        | Bytes     | Holds                                                                             |
/// |---------------|-----------|-----------------------------------------------------------------------------------|
/// | 0 and 64      | 64 each   | two headers; the sound one with the higher generation counts                      |
/// | from 4096     |           | sections, each at a multiple of 64, large ones of 4096; the directory among them   |
///
/// A header is: magic `89 57 56 58 0D 0A 1A 0A`, version (u32, 1), number of sections (u32), generation (u64), offset
/// and size of the directory (u64 each), its checksum (u64), bytes of the file (u64), checksum of the 56 bytes before
/// (u64). A directory entry is: name (32 bytes, filled with zeros), offset, size, checksum (u64 each), zero (u64).
/// Numbers are little-endian.
///
/// Writing makes a temporary file beside the target, synchronises it, renames it, and synchronises the folder: the
/// target is the old file or the new one, whatever happens. Appending writes a section, a new directory, and then the
/// header that was not in use, with a synchronisation between: a crash leaves the state before.
///
/// Opening checks headers, directory, and that every section lies inside the file. It does not read the sections, so it
/// takes well under a millisecond; `verify` reads them and compares their checksums. Who reads a section without must
/// take any content of it, and so do the indexes of this room. A file must not be shortened while it is mapped (the
/// system answers with SIGBUS); replacing it with these functions is always safe.

#include <weft/core/config.hpp>
#include <weft/core/error.hpp>
#include <weft/vector/detail/checksum.hpp>
#include <weft/vector/detail/posix_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

namespace detail {

inline constexpr unsigned char file_magic[8] = {0x89, 'W', 'V', 'X', '\r', '\n', 0x1A, '\n'};
inline constexpr std::uint32_t file_version = 1;
inline constexpr std::size_t first_section = 4096;
inline constexpr std::size_t most_sections = 4096;

struct file_header {
    unsigned char magic[8];
    std::uint32_t version;
    std::uint32_t sections;
    std::uint64_t generation;
    std::uint64_t directory;
    std::uint64_t directory_bytes;
    std::uint64_t directory_sum;
    std::uint64_t file_bytes;
    std::uint64_t sum;

    void seal() noexcept { sum = checksum(this, sizeof(file_header) - sizeof sum); }
    bool sealed() const noexcept { return sum == checksum(this, sizeof(file_header) - sizeof sum); }
};
static_assert(sizeof(file_header) == 64);

struct file_section {
    char name[32];
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t sum;
    std::uint64_t zero;

    std::string_view title() const noexcept {
        std::size_t length = 0;
        while (length < sizeof name && name[length] != 0) ++length;
        return {name, length};
    }
};
static_assert(sizeof(file_section) == 64);

inline file_section make_section(std::string_view name, std::uint64_t offset) {
    if (name.empty() || name.size() > sizeof file_section::name)
        throw programming_error("a section of an index file is called '" + std::string(name) +
                                "'; names have 1 to 32 bytes");
    file_section made{};
    for (std::size_t i = 0; i < name.size(); ++i) made.name[i] = name[i];
    made.offset = offset;
    return made;
}

inline std::uint64_t section_start(std::uint64_t end, std::size_t size) noexcept {
    const std::uint64_t unit = size >= 65536 ? 4096 : 64;
    return (end + unit - 1) / unit * unit;
}

} // namespace detail

/// An open index file, mapped into memory. What `section` returns is valid while the object or a copy of `mapping()`
/// lives.
class index_file {
public:
    /// Throws an operational_error when the file cannot be opened, and a data_error that says why when it is no index
    /// file, of another version, truncated or damaged.
    explicit index_file(std::string path) : path_(std::move(path)), mapping_(detail::file_mapping(path_)) {
        const std::size_t size = mapping_->size();
        if (size < 2 * sizeof(detail::file_header) || !plausible())
            refuse(size < sizeof(detail::file_magic) || !magic_at(0) ? "it is no weft index file"
                                                                     : why_not_plausible());
        sections_.resize(header_.sections);
        if (!sections_.empty())
            std::memcpy(sections_.data(), mapping_->data() + header_.directory, header_.directory_bytes);
        for (const detail::file_section& section : sections_)
            if (section.offset > header_.file_bytes || section.size > header_.file_bytes - section.offset ||
                section.offset % 64 != 0)
                refuse("its section '" + std::string(section.title()) + "' lies outside the file");
    }

    const std::string& path() const noexcept { return path_; }
    /// Bytes of the file.
    std::size_t size() const noexcept { return static_cast<std::size_t>(header_.file_bytes); }
    /// How often sections were appended, plus one.
    std::uint64_t generation() const noexcept { return header_.generation; }

    bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        found.reserve(sections_.size());
        for (const detail::file_section& section : sections_) found.emplace_back(section.title());
        return found;
    }

    /// The bytes of a section, at an address that is a multiple of 64, unverified. Throws a data_error when there is
    /// none.
    std::span<const std::byte> section(std::string_view name) const {
        const detail::file_section* found = find(name);
        if (found == nullptr) refuse("it has no section '" + std::string(name) + "'");
        return {mapping_->data() + found->offset, static_cast<std::size_t>(found->size)};
    }

    /// Reads a section and compares its checksum; throws a data_error when they differ.
    void verify(std::string_view name) const {
        const std::span<const std::byte> bytes = section(name);
        if (detail::checksum(bytes.data(), bytes.size()) != find(name)->sum)
            refuse("section '" + std::string(name) + "' does not have its checksum: the file is damaged");
    }
    /// Reads the whole file and compares all checksums.
    void verify() const {
        for (const detail::file_section& section : sections_) verify(section.title());
    }

    /// The mapping, for those who look at sections longer than this object lives.
    const shared<detail::file_mapping>& mapping() const noexcept { return mapping_; }

    /// Throws a data_error about this file.
    [[noreturn]] void refuse(const std::string& why) const { throw data_error("index file '" + path_ + "': " + why); }

private:
    friend void append_section(const std::string& path, std::string_view name, std::span<const std::byte> bytes);

    bool magic_at(std::size_t offset) const noexcept {
        return std::memcmp(mapping_->data() + offset, detail::file_magic, sizeof detail::file_magic) == 0;
    }

    bool acceptable(const detail::file_header& header) const noexcept {
        const std::uint64_t size = mapping_->size();
        return std::memcmp(header.magic, detail::file_magic, sizeof header.magic) == 0 && header.sealed() &&
               header.version == detail::file_version && header.file_bytes <= size &&
               header.sections <= detail::most_sections &&
               header.directory_bytes == header.sections * sizeof(detail::file_section) &&
               header.directory <= header.file_bytes &&
               header.directory_bytes <= header.file_bytes - header.directory &&
               detail::checksum(mapping_->data() + header.directory,
                                static_cast<std::size_t>(header.directory_bytes)) == header.directory_sum;
    }

    /// Reads the header that counts; false when neither is sound.
    bool plausible() noexcept {
        for (std::size_t slot = 0; slot < 2; ++slot) {
            detail::file_header header;
            std::memcpy(&header, mapping_->data() + slot * sizeof header, sizeof header);
            if (!acceptable(header) || header.generation <= header_.generation) continue;
            header_ = header;
            slot_ = slot;
        }
        return header_.generation != 0;
    }

    std::string why_not_plausible() const {
        if (mapping_->size() < 2 * sizeof(detail::file_header)) return "it is truncated: it ends in its header";
        std::string why = "its header is damaged";
        for (std::size_t slot = 0; slot < 2; ++slot) {
            detail::file_header header;
            std::memcpy(&header, mapping_->data() + slot * sizeof header, sizeof header);
            if (!header.sealed() || !magic_at(slot * sizeof header)) continue;
            if (header.version != detail::file_version)
                return "it is of version " + std::to_string(header.version) + "; this program reads version " +
                       std::to_string(detail::file_version);
            if (header.file_bytes > mapping_->size())
                why = "it is truncated: it has " + std::to_string(mapping_->size()) + " of " +
                      std::to_string(header.file_bytes) + " bytes";
            else
                why = "its directory is damaged";
        }
        return why;
    }

    const detail::file_section* find(std::string_view name) const noexcept {
        for (const detail::file_section& section : sections_)
            if (section.title() == name) return &section;
        return nullptr;
    }

    std::string path_;
    shared<detail::file_mapping> mapping_;
    detail::file_header header_{};
    std::size_t slot_ = 0;
    std::vector<detail::file_section> sections_;
};

/// Writes an index file: add the sections, then commit. Without `commit` nothing of it remains.
class index_file_writer {
public:
    /// Begins a file that will stand at `path`. Throws an operational_error when the folder cannot be written.
    explicit index_file_writer(std::string path) : file_(std::move(path)), end_(detail::first_section) {}

    /// Adds a section of 1 to 32 bytes' name, once.
    void add(std::string_view name, std::span<const std::byte> bytes) {
        begin(name, bytes.size());
        append(bytes);
        end();
    }
    /// Adds a section of plain values.
    template <class T>
    void add_values(std::string_view name, const T* values, std::size_t count) {
        add(name, detail::bytes_of(values, count));
    }

    /// Begins a section that is written in pieces.
    void begin(std::string_view name, std::size_t expected = 0) {
        for (const detail::file_section& section : sections_)
            if (section.title() == name)
                throw programming_error("two sections '" + std::string(name) + "' in one file");
        sections_.push_back(detail::make_section(name, detail::section_start(end_, expected)));
        end_ = sections_.back().offset;
        sum_ = {};
    }
    void append(std::span<const std::byte> bytes) {
        sum_.add(bytes.data(), bytes.size());
        file_.write_at(end_, bytes);
        end_ += bytes.size();
    }
    void end() noexcept {
        sections_.back().size = end_ - sections_.back().offset;
        sections_.back().sum = sum_.value();
    }

    /// Puts the file in its place. Throws an operational_error when the system refuses; then the old file stays.
    void commit() {
        detail::file_header header{};
        std::memcpy(header.magic, detail::file_magic, sizeof header.magic);
        header.version = detail::file_version;
        header.sections = static_cast<std::uint32_t>(sections_.size());
        header.generation = 1;
        header.directory = detail::section_start(end_, 0);
        header.directory_bytes = sections_.size() * sizeof(detail::file_section);
        header.directory_sum = detail::checksum(sections_.data(), header.directory_bytes);
        header.file_bytes = header.directory + header.directory_bytes;
        header.seal();
        file_.write_at(header.directory, detail::bytes_of(sections_.data(), sections_.size()));
        file_.write_at(0, detail::bytes_of(&header, 1));
        file_.commit();
    }

private:
    detail::new_file file_;
    std::uint64_t end_;
    std::vector<detail::file_section> sections_;
    detail::checksum_stream sum_;
};

/// Adds a section to an index file, or puts another in the place of one (whose bytes stay unused in the file). Programs
/// that have the file open keep seeing it as it was. One at a time: a second program waits.
inline void append_section(const std::string& path, std::string_view name, std::span<const std::byte> bytes) {
    detail::changed_file file(path);
    index_file old(path);
    std::vector<detail::file_section> sections;
    for (const detail::file_section& section : old.sections_)
        if (section.title() != name) sections.push_back(section);
    detail::file_section added =
        detail::make_section(name, detail::section_start(old.header_.file_bytes, bytes.size()));
    added.size = bytes.size();
    added.sum = detail::checksum(bytes.data(), bytes.size());
    sections.push_back(added);

    detail::file_header header = old.header_;
    header.sections = static_cast<std::uint32_t>(sections.size());
    header.generation += 1;
    header.directory = detail::section_start(added.offset + added.size, 0);
    header.directory_bytes = sections.size() * sizeof(detail::file_section);
    header.directory_sum = detail::checksum(sections.data(), header.directory_bytes);
    header.file_bytes = header.directory + header.directory_bytes;
    header.seal();
    file.write_at(added.offset, bytes);
    file.write_at(header.directory, detail::bytes_of(sections.data(), sections.size()));
    file.sync();
    file.write_at((old.slot_ == 0 ? 1 : 0) * sizeof header, detail::bytes_of(&header, 1));
    file.sync();
}

} // namespace weft::inline v0::vector
