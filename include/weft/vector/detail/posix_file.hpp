// SPDX-License-Identifier: BSL-1.0
#pragma once

// Files as index files need them: mapped, replaced as a whole, changed under a lock. Every refusal of the system
// becomes an operational_error with the path and the system's words.

#include <weft/core/error.hpp>
#include <weft/core/shared.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weft::inline v0::vector {

/// How the bytes of a file come into memory.
enum class file_access : std::uint8_t {
    mapped,     ///< page by page, when they are looked at
    prefaulted, ///< mapped, and all read at once
    copied      ///< read, not mapped: nothing that happens to the file afterwards matters
};

} // namespace weft::inline v0::vector

namespace weft::inline v0::vector::detail {

[[noreturn]] inline void throw_system(const char* doing, const std::string& path) {
    const int code = errno;
    throw operational_error(std::string("cannot ") + doing + " '" + path + "': " + std::strerror(code));
}

/// A file descriptor that is closed in the end.
class descriptor {
public:
    descriptor() noexcept = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(const std::string& path, int flags, const char* doing)
        : number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
        if (number_ < 0) throw_system(doing, path);
    }
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const noexcept { return number_; }

private:
    int number_ = -1;
};

/// Plain values as bytes; std::as_bytes of a std::span would cost a megabyte of the compiler's memory for each type.
template <class T>
std::span<const std::byte> bytes_of(const T* values, std::size_t count) noexcept {
    return {reinterpret_cast<const std::byte*>(values), count * sizeof(T)};
}

/// Writes all of it, at an offset.
inline void write_all(const descriptor& file, std::uint64_t offset, std::span<const std::byte> bytes,
                      const std::string& path) {
    while (!bytes.empty()) {
        const std::size_t most = std::size_t{1} << 30;
        const ssize_t written =
            ::pwrite(file.get(), bytes.data(), bytes.size() < most ? bytes.size() : most, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw_system("write", path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

inline void sync_file(const descriptor& file, const std::string& path) {
    if (::fsync(file.get()) != 0) throw_system("synchronise", path);
}

/// Reads until the memory is full; less than that is in it where the file ends before.
inline std::size_t read_all(const descriptor& file, std::byte* to, std::size_t size, const std::string& path) {
    std::size_t done = 0;
    while (done < size) {
        const std::size_t most = std::size_t{1} << 30;
        const ssize_t got =
            ::pread(file.get(), to + done, size - done < most ? size - done : most, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_system("read", path);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

/// The whole of a file in memory, to read.
class file_mapping {
public:
    explicit file_mapping(const std::string& path, file_access access = file_access::mapped) {
        const descriptor file(path, O_RDONLY, "open");
        struct stat about{};
        if (::fstat(file.get(), &about) != 0) throw_system("examine", path);
        if (!S_ISREG(about.st_mode)) throw operational_error("cannot map '" + path + "': it is no regular file");
        size_ = static_cast<std::size_t>(about.st_size);
        if (size_ == 0) return;
        const bool copies = access == file_access::copied;
        void* const mapped =
            copies ? ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                   : ::mmap(nullptr, size_, PROT_READ,
                            MAP_SHARED | (access == file_access::prefaulted ? prefault_flag : 0), file.get(), 0);
        if (mapped == MAP_FAILED) throw_system("map", path);
        data_ = static_cast<const std::byte*>(mapped);
        if (!copies) return;
        try {
            if (read_all(file, static_cast<std::byte*>(mapped), size_, path) != size_)
                throw operational_error("cannot read '" + path + "': it became shorter meanwhile");
        } catch (...) {
            ::munmap(mapped, size_);
            throw;
        }
    }
    file_mapping(file_mapping&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    file_mapping& operator=(file_mapping&&) = delete;
    ~file_mapping() {
        if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
    }

    const std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

private:
#if defined(MAP_POPULATE)
    static constexpr int prefault_flag = MAP_POPULATE;
#else
    static constexpr int prefault_flag = 0;
#endif

    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// A file that comes into being beside its place and then takes it; it vanishes where `commit` is not called.
class new_file {
public:
    explicit new_file(std::string path) : path_(std::move(path)) {
        for (unsigned attempt = 0; temporary_.empty(); ++attempt) {
            const std::string name = path_ + ".tmp" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
            file_ = descriptor(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
            if (file_.get() >= 0)
                temporary_ = name;
            else if (errno != EEXIST || attempt == 1000)
                throw_system("create", name);
        }
    }
    new_file(const new_file&) = delete;
    new_file& operator=(const new_file&) = delete;
    ~new_file() {
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }

    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
        write_all(file_, offset, bytes, temporary_);
    }

    void commit() {
        sync_file(file_, temporary_);
        if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw_system("put in place", path_);
        temporary_.clear();
        const std::size_t slash = path_.rfind('/');
        const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path_.substr(0, slash);
        const descriptor directory(folder, O_RDONLY | O_DIRECTORY, "open the folder");
        if (::fsync(directory.get()) != 0 && errno != EINVAL) throw_system("synchronise the folder", folder);
    }

private:
    std::string path_;
    std::string temporary_;
    descriptor file_;
};

/// A file that is changed in its place, by one program at a time.
class changed_file {
public:
    explicit changed_file(std::string path) : path_(std::move(path)), file_(path_, O_RDWR, "open") {
        while (::flock(file_.get(), LOCK_EX) != 0)
            if (errno != EINTR) throw_system("lock", path_);
    }
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) { write_all(file_, offset, bytes, path_); }
    void sync() { sync_file(file_, path_); }

private:
    std::string path_;
    descriptor file_;
};

} // namespace weft::inline v0::vector::detail
