// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ipc_scan`: the entries of a scan, fetched in portions.

#include <weft/embedded/kv_iterator.hpp>
#include <weft/toondb/session.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb {

/// A running scan of a client or a transaction: a range of `key_value`, gone through once. Portions of about 256 KiB
/// are fetched as it goes; between them the client may do other things. In a transaction all are of its snapshot,
/// without one each is of its own.
template <net::blocking_byte_stream Stream>
class ipc_scan {
public:
    using iterator = embedded::kv_iterator<ipc_scan, key_value>;

    ipc_scan(std::shared_ptr<session<Stream>> on, std::uint64_t scope, std::string_view prefix)
        : session_(std::move(on)), scope_(scope), prefix_(prefix) {}

    /// The next entry, valid until the next call; null at the end.
    const key_value* next() {
        if (at_ == portion_.entries.size()) {
            if (!portion_.more) return nullptr;
            fetch();
            if (portion_.entries.empty()) return nullptr;
        }
        return &portion_.entries[at_++];
    }
    /// The entries that are left.
    std::vector<key_value> collect() {
        std::vector<key_value> all;
        while (const key_value* entry = next()) all.push_back(*entry);
        return all;
    }

    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    void fetch() {
        const std::string after = portion_.entries.empty() ? std::string() : portion_.entries.back().key;
        protocol::scan_request wanted;
        wanted.scope = scope_;
        wanted.prefix = prefix_;
        wanted.after = after;
        portion_ = net::run_now(session_->scoped_scan(wanted));
        at_ = 0;
        if (portion_.more && portion_.entries.back().key <= after)
            throw protocol_error("the server's scan does not move on");
    }

    std::shared_ptr<session<Stream>> session_;
    std::uint64_t scope_;
    std::string prefix_;
    protocol::scan_portion portion_{{}, true};
    std::size_t at_ = 0;
};

} // namespace weft::inline v0::toondb
