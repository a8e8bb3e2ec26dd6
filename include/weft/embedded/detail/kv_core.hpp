// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/shared.hpp>
#include <weft/embedded/detail/group_sync.hpp>
#include <weft/embedded/detail/kv_connection.hpp>
#include <weft/embedded/kv_stats.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// One write of a thread that stands in the queue.
struct write_request {
    enum class action : unsigned char { put, put_if, erase };

    action what;
    bytes_view key;
    bytes_view value{};
    std::int64_t expires = 0;
    std::optional<bytes_view> expected{}; // put_if: the value that must be there; nothing: none must be

    bool applied = false;
    std::optional<error> failure{};
    std::uint64_t turn = 0; // which batch was being done when it came
    bool done = false;
};

/// Something that lives as long as a store, such as the indexes of its collections.
class kv_part {
public:
    kv_part() = default;
    kv_part(const kv_part&) = delete;
    kv_part& operator=(const kv_part&) = delete;
    virtual ~kv_part() = default;
};

/// What threads share of a store: its connections, the right to write, the queue of single writes, the syncs.
class kv_core {
public:
    kv_core(std::string path, const kv_config& config) : path_(std::move(path)), config_(config) {
        if (path_ == ":memory:")
            throw interface_error("a key-value database lives in a file, not in ':memory:'; put it into a temporary "
                                  "directory");
        if (config.memtable_size_bytes < kv_config::least_memory || config.memtable_size_bytes > kv_config::most_memory)
            throw interface_error("configuration: memtable_size_bytes is '" +
                                  std::to_string(config.memtable_size_bytes) + "', expected a number from 65536 to " +
                                  std::to_string(kv_config::most_memory));
        idle_.push_back(open(config.memtable_size_bytes));
        page_size_ = page_size(*idle_.back());
        last_number_ = idle_.back()->meta("sequence");
        last_checkpoint_ = idle_.back()->meta("checkpoint");
    }
    kv_core(const kv_core&) = delete;
    kv_core& operator=(const kv_core&) = delete;

    const std::string& path() const noexcept { return path_; }
    const kv_config& config() const noexcept { return config_; }
    bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
    void check_open() const {
        if (closed()) throw programming_error("Database is closed");
    }

    /// A connection for this thread; the one that was given back last, whose caches are the warmest.
    kv_connection* take() {
        {
            const std::lock_guard lock(mutex_);
            check_open();
            if (!idle_.empty()) {
                kv_connection* c = idle_.back().release();
                idle_.pop_back();
                c->watch_log(); // a pragma may have taken the place
                return c;
            }
        }
        const std::uint64_t share = config_.memtable_size_bytes / 8;
        return open(share < least_cache ? least_cache : share).release();
    }

    void give_back(kv_connection* c) noexcept {
        std::unique_ptr<kv_connection> owned(c);
        if (c->in_transaction()) c->rollback();
        const std::lock_guard lock(mutex_);
        totals_.bytes_read += std::exchange(c->bytes_read, 0);
        totals_.bytes_written += std::exchange(c->bytes_written, 0);
        if (closed() || idle_.size() == most_idle) {
            count_pages(*c);
            return; // which closes it
        }
        idle_.push_back(std::move(owned));
    }

    /// Refuses whatever comes later. Connections in use are closed when they are given back.
    void close() noexcept {
        std::vector<std::unique_ptr<kv_connection>> idle;
        {
            const std::lock_guard lock(mutex_);
            if (closed_.exchange(true)) return;
            idle.swap(idle_);
            for (const auto& c : idle) count_pages(*c);
        }
        if (!idle.empty()) keep_number(*idle.back());
        const std::lock_guard lock(sync_mutex_);
        syncer_.reset();
    }

    write_gate& gate() noexcept { return gate_; }

    /// The store's one object of a type, made when it is asked for first.
    template <class Part>
    Part& part() {
        static char name = 0; // its address names the type
        const std::lock_guard lock(mutex_);
        for (const auto& [which, kept] : parts_)
            if (which == &name) return static_cast<Part&>(*kept);
        parts_.reserve(parts_.size() + 1);
        parts_.emplace_back(&name, std::make_unique<Part>());
        return static_cast<Part&>(*parts_.back().second);
    }

    /// Waits for the right to write.
    void enter() {
        if (!gate_.enter(config_.busy_timeout_ms))
            throw_locked("another transaction of this process has been writing for more than " +
                         std::to_string(config_.busy_timeout_ms) + " ms");
    }

    /// After a commit on `c`, without the right to write: moves a long log into the file and, where the mode asks for
    /// it, waits until the commit is on the disk.
    void settle(kv_connection& c) {
        if (!std::exchange(c.committed, false)) return;
        shorten_log(c);
        if (shares_syncs()) sync_now();
    }
    /// Returns when what this thread has committed is on the disk.
    void sync_now() {
        const int code = sync_.wait([this] { return sync_log(); });
        if (code != SQLITE_OK) throw_unsynced(code);
    }
    /// Refuses to write when a sync has failed: what the disk holds is unknown until the file is opened again.
    void check_synced() {
        if (!shares_syncs()) return;
        if (const int code = sync_.failed(); code != SQLITE_OK) throw_unsynced(code);
    }

    bool shares_syncs() const noexcept {
        return config_.wal_enabled && config_.group_commit && config_.sync_mode == sync_mode::full &&
               !config_.read_only;
    }

    /// Syncs the log through a connection of its own, so that nobody who writes is held up.
    int sync_log() {
        const std::lock_guard lock(sync_mutex_);
        try {
            if (!syncer_) syncer_ = open(least_cache);
        } catch (const error& e) {
            return e.diagnostics().code != 0 ? e.diagnostics().code : SQLITE_IOERR;
        }
        sqlite3_file* log = nullptr;
        const int code =
            sqlite3_file_control(syncer_->handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
        if (code != SQLITE_OK) return code;
        if (log == nullptr || log->pMethods == nullptr) return SQLITE_IOERR_FSYNC;
        return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    }

    /// Puts a connection back to how it syncs by itself.
    void restore_sync(kv_connection& c) const {
        c.command(own_syncs() == synchronous_mode::off      ? "PRAGMA synchronous = off"
                  : own_syncs() == synchronous_mode::normal ? "PRAGMA synchronous = normal"
                                                            : "PRAGMA synchronous = full");
    }

    /// Executes one write as a transaction of its own, together with those of other threads that wait.
    void submit(write_request& mine) {
        std::unique_lock lock(queue_mutex_);
        queue_.push_back(&mine);
        mine.turn = turn_;
        while (!mine.done) {
            if (leading_)
                changed(mine.turn).wait(lock);
            else
                lead(lock);
        }
        lock.unlock();
        if (mine.failure) {
            const diagnostics& info = mine.failure->diagnostics();
            throw_error(mine.failure->kind(), info, domain_of(info.code));
        }
    }

    /// The number of the commit that comes next on `c`, which has the right to write. Numbers are reserved in the file
    /// by the thousand, so that a commit usually writes none; other processes notice by what the file says.
    std::uint64_t next_number(kv_connection& c) {
        const std::uint64_t stored = c.meta("sequence");
        std::uint64_t number = last_number_.load() + 1;
        if (stored != reserved_.load() || number > stored) {
            number = stored + 1;
            c.set_meta("sequence", stored + numbers_reserved);
            reserved_ = stored + numbers_reserved;
        }
        last_number_ = number; // while nobody else can write; when the commit fails the number is left out
        return number;
    }
    std::uint64_t last_number() const noexcept { return last_number_; }

    // Transactions that have not ended, for the figures.

    void began(std::uint64_t snapshot) {
        const std::lock_guard lock(mutex_);
        active_.push_back(snapshot);
    }
    void ended(std::uint64_t snapshot, bool committed) noexcept {
        const std::lock_guard lock(mutex_);
        ++(committed ? totals_.transactions_committed : totals_.transactions_aborted);
        for (std::uint64_t& s : active_) {
            if (s != snapshot) continue;
            s = active_.back();
            active_.pop_back();
            return;
        }
    }
    void count_query() noexcept { queries_.fetch_add(1, std::memory_order_relaxed); }
    void checkpointed(std::uint64_t number) noexcept { last_checkpoint_ = number; }

    /// The figures that do not need a look into the file.
    kv_stats figures() {
        const std::lock_guard lock(mutex_);
        kv_stats all = totals_;
        for (const auto& c : idle_) {
            count_pages(*c);
            all.memtable_size_bytes += status(*c, SQLITE_DBSTATUS_CACHE_USED);
        }
        all.cache_hits = totals_.cache_hits;
        all.cache_misses = totals_.cache_misses;
        all.queries_executed = queries_;
        all.active_transactions = active_.size();
        for (const std::uint64_t s : active_) {
            if (all.min_active_snapshot == 0 || s < all.min_active_snapshot) all.min_active_snapshot = s;
        }
        all.last_checkpoint_lsn = last_checkpoint_;
        return all;
    }

    /// Sizes of the log file, as SQLite's file layer knows it; 0 without one.
    static std::uint64_t log_size(kv_connection& c) {
        sqlite3_file* log = nullptr;
        sqlite3_int64 size = 0;
        if (sqlite3_file_control(c.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log)) !=
            SQLITE_OK)
            return 0;
        if (log == nullptr || log->pMethods == nullptr || log->pMethods->xFileSize(log, &size) != SQLITE_OK) return 0;
        return static_cast<std::uint64_t>(size);
    }

private:
    static constexpr std::uint64_t least_cache = 2 << 20;
    static constexpr std::size_t most_idle = 64;
    static constexpr std::uint64_t numbers_reserved = 1024;
    static constexpr std::chrono::nanoseconds most_patience = std::chrono::milliseconds(1);

    /// When SQLite itself syncs.
    synchronous_mode own_syncs() const noexcept {
        if (!config_.wal_enabled || config_.sync_mode == sync_mode::off) return synchronous_mode::off;
        if (config_.sync_mode == sync_mode::normal || shares_syncs()) return synchronous_mode::normal;
        return synchronous_mode::full;
    }

    std::unique_ptr<kv_connection> open(std::uint64_t cache_bytes) const {
        database_options how;
        how.mode = config_.read_only           ? open_mode::read_only
                   : config_.create_if_missing ? open_mode::read_write_create
                                               : open_mode::read_write;
        how.journal = config_.wal_enabled ? journal_mode::wal : journal_mode::rollback;
        how.synchronous = own_syncs();
        how.busy_timeout_ms = config_.busy_timeout_ms;
        return std::make_unique<kv_connection>(path_, how, !config_.wal_enabled, cache_bytes);
    }

    static std::uint64_t page_size(kv_connection& c) {
        sqlite3_stmt* s = nullptr;
        c.check(sqlite3_prepare_v2(c.handle(), "PRAGMA page_size", -1, &s, nullptr), {});
        const std::uint64_t size =
            sqlite3_step(s) == SQLITE_ROW ? static_cast<std::uint64_t>(sqlite3_column_int64(s, 0)) : 4096;
        sqlite3_finalize(s);
        return size;
    }

    static std::uint64_t status(kv_connection& c, int what, bool reset = false) noexcept {
        int now = 0;
        int most = 0;
        sqlite3_db_status(c.handle(), what, &now, &most, reset ? 1 : 0);
        return static_cast<std::uint64_t>(now);
    }
    /// Adds what the page cache of a connection has counted since the last time.
    void count_pages(kv_connection& c) noexcept {
        totals_.cache_hits += status(c, SQLITE_DBSTATUS_CACHE_HIT, true);
        totals_.cache_misses += status(c, SQLITE_DBSTATUS_CACHE_MISS, true);
    }

    [[noreturn]] static void throw_unsynced(int code) {
        throw_sqlite(nullptr, code,
                     "the log could not be synced; what was committed last may be lost, and nothing is written until "
                     "the database is opened again");
    }

    /// Moves a long log into the file.
    void shorten_log(kv_connection& c) noexcept {
        if (static_cast<std::uint64_t>(c.log_frames) * page_size_ < config_.memtable_size_bytes) return;
        // What fails here is tried again after the next commit; nothing is lost by it.
        sqlite3_wal_checkpoint_v2(c.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    }

    /// Lets the threads whose last writes were done together come back, for no longer than a sync takes: the one that
    /// woke first would otherwise sync for itself alone.
    void gather(std::unique_lock<std::mutex>& lock) {
        const auto start = std::chrono::steady_clock::now();
        while (queue_.size() < expected_ && std::chrono::steady_clock::now() - start < patience_) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
        }
    }

    /// What the writes wait for that came in a turn: its end, which those of the turn before do not have to hear.
    std::condition_variable& changed(std::uint64_t turn) noexcept { return changed_[turn % 2]; }

    /// Executes what stands in the queue and syncs it; what comes meanwhile shares the next sync.
    void lead(std::unique_lock<std::mutex>& lock) {
        leading_ = true;
        gather(lock);
        batch_.clear();
        batch_.swap(queue_);
        ++turn_;
        lock.unlock();
        kv_connection* c = nullptr;
        std::chrono::nanoseconds waited{};
        bool committed = false;
        try {
            c = take();
            execute(*c, batch_);
            committed = std::exchange(c->committed, false);
            const auto start = std::chrono::steady_clock::now();
            if (committed && shares_syncs()) sync_now();
            waited = std::chrono::steady_clock::now() - start;
        } catch (const error& e) {
            fail(batch_, e);
        } catch (const std::exception& e) {
            fail(batch_, internal_error(e.what()));
        }
        lock.lock();
        patience_ = waited < most_patience ? waited : most_patience;
        expected_ = batch_.size() + queue_.size();
        for (write_request* r : batch_) r->done = true;
        resign(lock);
        if (c != nullptr) {
            lock.unlock();
            if (committed) shorten_log(*c);
            give_back(c);
            lock.lock();
        }
    }

    /// Wakes the writes of the turn that is over and the one that leads the next.
    void resign(std::unique_lock<std::mutex>& lock) {
        const std::uint64_t next = turn_;
        const bool more = !queue_.empty();
        leading_ = false;
        lock.unlock(); // nobody wakes only to wait for the lock
        changed(next - 1).notify_all();
        if (more) changed(next).notify_one();
        lock.lock();
    }

    /// Each thread gets a copy of its own, to which it may add.
    static void fail(write_request& r, const error& why) {
        if (!r.failure) r.failure.emplace(why.kind(), why.diagnostics());
    }
    static void fail(const std::vector<write_request*>& batch, const error& why) {
        for (write_request* r : batch) fail(*r, why);
    }
    static const error_domain* domain_of(int code) {
        if (code == 0) return nullptr;
        return code == static_cast<int>(kv_errc::database_locked) ? &kv_errors : &sqlite_errors;
    }

    void execute(kv_connection& c, const std::vector<write_request*>& batch) {
        check_synced();
        enter();
        try {
            write_request& first = *batch.front();
            if (batch.size() == 1 && first.what != write_request::action::put_if && first.expires == 0 &&
                c.has_tables()) {
                apply(c, first);
            } else {
                apply_all(c, batch);
            }
        } catch (...) {
            c.rollback();
            gate_.leave();
            throw;
        }
        gate_.leave();
        const std::lock_guard lock(mutex_);
        for (const write_request* r : batch)
            ++(r->failure ? totals_.transactions_aborted : totals_.transactions_committed);
    }

    static void apply_all(kv_connection& c, const std::vector<write_request*>& batch) {
        c.run(hot::begin_write);
        c.make_tables();
        for (write_request* r : batch) {
            try {
                apply(c, *r);
            } catch (const error& e) {
                if (!c.in_transaction()) throw; // it took the others with it
                fail(*r, e);
            }
        }
        c.commit();
    }

public:
    static void apply(kv_connection& c, write_request& r) {
        switch (r.what) {
        case write_request::action::erase: c.erase(r.key); return;
        case write_request::action::put: c.put(r.key, r.value, r.expires); return;
        case write_request::action::put_if: r.applied = put_if(c, r.key, r.expected, r.value, r.expires); return;
        }
    }

    /// Puts when the key's value is `expected`, or when there is none and none is expected.
    static bool put_if(kv_connection& c, bytes_view key, const std::optional<bytes_view>& expected, bytes_view value,
                       std::int64_t expires) {
        bool same = false;
        const bool there =
            c.look_up(key, [&](std::string_view now) { same = expected && *expected == bytes_view(now); });
        if (there ? !same : expected.has_value()) return false;
        c.put(key, value, expires);
        return true;
    }

private:
    /// Says in the file which number was used last, so that the next one to open it goes on from there.
    void keep_number(kv_connection& c) noexcept {
        if (reserved_ == 0 || reserved_ == last_number_) return;
        sqlite3_busy_timeout(c.handle(), 0);
        try {
            c.run(hot::begin_write);
            if (c.meta("sequence") == reserved_) c.set_meta("sequence", last_number_);
            c.commit();
        } catch (const error&) {
            c.rollback(); // a gap in the numbers, which is allowed
        }
    }

    const std::string path_;
    const kv_config config_;
    std::uint64_t page_size_ = 4096;
    std::atomic<bool> closed_{false};

    std::mutex mutex_; // guards what follows it
    std::vector<std::unique_ptr<kv_connection>> idle_;
    std::vector<std::uint64_t> active_;
    std::vector<std::pair<const char*, std::unique_ptr<kv_part>>> parts_;
    kv_stats totals_;
    std::atomic<std::uint64_t> queries_{0};

    write_gate gate_;
    std::atomic<std::uint64_t> last_number_{0};
    std::atomic<std::uint64_t> reserved_{0};
    std::atomic<std::uint64_t> last_checkpoint_{0};

    std::mutex queue_mutex_;
    std::condition_variable changed_[2];
    std::vector<write_request*> queue_;
    std::vector<write_request*> batch_; // of the one that leads
    std::uint64_t turn_ = 0;
    bool leading_ = false;
    std::size_t expected_ = 0; // writes that may be in the queue soon
    std::chrono::nanoseconds patience_{};

    group_sync sync_;
    std::mutex sync_mutex_;
    std::unique_ptr<kv_connection> syncer_;
};

} // namespace weft::inline v0::embedded::detail
