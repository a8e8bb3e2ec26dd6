// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

/// What goes wrong at a call that reads or writes a file.
enum class fault {
    none,
    io_error,    ///< EIO; the call did nothing
    disk_full,   ///< ENOSPC, at writes
    short_write, ///< half of the bytes, then EIO, at writes
    torn_write,  ///< half of the bytes, then nothing works any more: the machine has gone
};

/// SQLite's file layer with faults: it stands before the default one while the object lives.
class fault_vfs {
public:
    fault_vfs() : real_(sqlite3_vfs_find(nullptr)) {
        instance_ = this;
        vfs_ = *real_;
        vfs_.zName = "weft-faults";
        vfs_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
        vfs_.pNext = nullptr;
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        sqlite3_vfs_register(&vfs_, 1);
    }
    fault_vfs(const fault_vfs&) = delete;
    fault_vfs& operator=(const fault_vfs&) = delete;
    ~fault_vfs() {
        sqlite3_vfs_unregister(&vfs_);
        sqlite3_vfs_register(real_, 1);
        instance_ = nullptr;
    }

    /// The call number `call` from now on, counted from 1, fails; with `lasting` all after it, too.
    void arm(fault what, int call, bool lasting) {
        const std::lock_guard lock(mutex_);
        what_ = what;
        left_ = call;
        lasting_ = lasting;
        happened_ = false;
    }
    void disarm() { arm(fault::none, 0, false); }
    /// Whether it has come to the fault.
    bool happened() {
        const std::lock_guard lock(mutex_);
        return happened_;
    }

    /// From now on keeps, beside each database and log file, what the last sync made sure of.
    void keep_synced(bool on) { keeps_synced_ = on; }
    /// What the disk may hold after a power failure: files as they were synced last. All databases must be closed, or
    /// belong to a process that has been killed.
    static void cut_power(const std::string& path) {
        for (const char* tail : {"", "-wal"}) {
            const std::string name = path + tail;
            if (std::filesystem::exists(name + ".synced"))
                std::filesystem::copy_file(name + ".synced", name, std::filesystem::copy_options::overwrite_existing);
            else
                std::filesystem::remove(name);
        }
        std::filesystem::remove(path + "-shm");
    }

private:
    struct file {
        sqlite3_file base;
        sqlite3_file* real;
        const char* name; // SQLite keeps it as long as the file is open
    };

    enum class act { read, write, other };

    /// What this call shall do: go through, or fail in a way.
    fault next(act what) {
        const std::lock_guard lock(mutex_);
        if (what_ == fault::none) return fault::none;
        if (happened_) return lasting_ || what_ == fault::torn_write ? fault::io_error : fault::none;
        const bool writes_only = what_ != fault::io_error;
        if (writes_only && what != act::write) return fault::none;
        if (--left_ != 0) return fault::none;
        happened_ = true;
        return what_;
    }

    static file* of(sqlite3_file* f) { return reinterpret_cast<file*>(f); }
    static sqlite3_file* real(sqlite3_file* f) { return of(f)->real; }

    static int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* f, int flags, int* out) {
        file* self = of(f);
        self->base.pMethods = nullptr;
        if (instance_->next(act::other) != fault::none) return SQLITE_CANTOPEN;
        self->real = reinterpret_cast<sqlite3_file*>(self + 1);
        self->name = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0 ? name : nullptr;
        const int code = instance_->real_->xOpen(instance_->real_, name, self->real, flags, out);
        if (code == SQLITE_OK) self->base.pMethods = methods();
        return code;
    }
    static int remove(sqlite3_vfs*, const char* name, int sync) {
        if (instance_->next(act::other) != fault::none) return SQLITE_IOERR_DELETE;
        if (instance_->keeps_synced_) {
            std::error_code ignored;
            std::filesystem::remove(std::string(name) + ".synced", ignored);
        }
        return instance_->real_->xDelete(instance_->real_, name, sync);
    }

    static int read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
        if (instance_->next(act::read) != fault::none) return SQLITE_IOERR_READ;
        return real(f)->pMethods->xRead(real(f), to, size, at);
    }
    static int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
        switch (instance_->next(act::write)) {
        case fault::none: return real(f)->pMethods->xWrite(real(f), from, size, at);
        case fault::disk_full: return SQLITE_FULL;
        case fault::short_write:
        case fault::torn_write: real(f)->pMethods->xWrite(real(f), from, size / 2, at); return SQLITE_IOERR_WRITE;
        case fault::io_error: break;
        }
        return SQLITE_IOERR_WRITE;
    }
    static int truncate(sqlite3_file* f, sqlite3_int64 size) {
        if (instance_->next(act::other) != fault::none) return SQLITE_IOERR_TRUNCATE;
        return real(f)->pMethods->xTruncate(real(f), size);
    }
    static int sync(sqlite3_file* f, int) {
        if (instance_->next(act::other) != fault::none) return SQLITE_IOERR_FSYNC;
        // The disk itself is left alone: no power is cut here, and it would take minutes.
        if (instance_->keeps_synced_ && of(f)->name != nullptr) {
            const std::string name = of(f)->name; // renamed into place: a kill between must not leave half a copy
            const std::string copy = name + ".copy" + std::to_string(reinterpret_cast<std::size_t>(f));
            std::filesystem::copy_file(name, copy, std::filesystem::copy_options::overwrite_existing);
            std::filesystem::rename(copy, name + ".synced");
        }
        return SQLITE_OK;
    }
    static int map_shared(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        if (instance_->next(act::other) != fault::none) return SQLITE_IOERR_SHMMAP;
        return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods all = {
            2,
            [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
            read,
            write,
            truncate,
            sync,
            [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
            [](sqlite3_file* f, int how) { return real(f)->pMethods->xLock(real(f), how); },
            [](sqlite3_file* f, int how) { return real(f)->pMethods->xUnlock(real(f), how); },
            [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
            [](sqlite3_file* f, int what, void* with) { return real(f)->pMethods->xFileControl(real(f), what, with); },
            [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
            [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
            map_shared,
            [](sqlite3_file* f, int at, int n, int flags) {
                return real(f)->pMethods->xShmLock(real(f), at, n, flags);
            },
            [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
            [](sqlite3_file* f, int gone) { return real(f)->pMethods->xShmUnmap(real(f), gone); },
            nullptr,
            nullptr,
        };
        return &all;
    }

    static inline fault_vfs* instance_ = nullptr;

    sqlite3_vfs* real_;
    sqlite3_vfs vfs_{};
    std::mutex mutex_;
    fault what_ = fault::none;
    int left_ = 0;
    bool lasting_ = false;
    bool happened_ = false;
    bool keeps_synced_ = false;
};
