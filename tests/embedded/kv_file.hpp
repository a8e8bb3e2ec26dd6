// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/kv_database.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <string>

/// A key-value database in a directory of its own.
class kv_file {
public:
    explicit kv_file(const weft::embedded::kv_config& config = {}) : config_(config), db(path(), config) {}

    std::string path() const { return directory_ / "test.db"; }
    std::string operator/(std::string_view name) const { return directory_ / name; }
    /// Closes the database and opens the file again.
    void reopen() {
        db.close();
        db = weft::embedded::kv_database(path(), config_);
    }

private:
    weft::testing::temporary_directory directory_;
    weft::embedded::kv_config config_;

public:
    weft::embedded::kv_database db;
};

/// `key=value` of the entries of a scan, separated by spaces.
inline std::string shown(weft::embedded::kv_scan scan) {
    std::string text;
    for (const auto& [key, value] : scan) {
        if (!text.empty()) text += ' ';
        text += std::string(key) + '=' + std::string(value);
    }
    return text;
}
