// SPDX-License-Identifier: BSL-1.0
//
// quickstart [INPUT [URL]]
//
// Loads the package database of this machine (or INPUT: a file of the same form, or the CSV file that this program
// writes) into the table `packages` of a database, which it replaces, and reads it back in several formats. URL says
// which database: file:PATH, mysql://user:password@host/database, and what else weft::connect takes; without it a file
// in the directory for temporary files is used. JSON and CSV files are written there, or beside the file.

#include <weft/weft.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

struct package {
    std::string name;
    std::string version;
    std::string architecture;
    std::optional<std::string> section;
    std::optional<std::int64_t> installed_size; // KiB
    std::string maintainer;
    std::optional<std::string> depends;
    std::string summary;     // first line of the description
    std::string description; // the lines after it
};
BOOST_DESCRIBE_STRUCT(package, (),
                      (name, version, architecture, section, installed_size, maintainer, depends, summary, description))

struct big_package {
    std::string name;
    std::optional<std::string> section;
    std::int64_t installed_size = 0;
};
BOOST_DESCRIBE_STRUCT(big_package, (), (name, section, installed_size))

/// Reads the stanzas of a dpkg status file: `Field: value` lines, continued by lines that start with a space, one
/// package after the other with empty lines between.
class status_reader {
public:
    explicit status_reader(const std::string& path) : path_(path), in_(path) {
        if (!in_) throw std::runtime_error("cannot read " + path + ": " + std::strerror(errno));
    }

    std::vector<package> read() {
        std::vector<package> packages;
        std::string line;
        while (std::getline(in_, line)) {
            ++line_;
            if (line.empty()) {
                finish(packages);
            } else if (line[0] == ' ' || line[0] == '\t') {
                continue_field(line);
            } else {
                start_field(line);
            }
        }
        finish(packages);
        if (packages.empty()) throw std::runtime_error(path_ + " holds no packages");
        return packages;
    }

private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw std::runtime_error(path_ + ", line " + std::to_string(line_) + ": " + what);
    }

    void start_field(const std::string& line) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) refuse("no colon in '" + line.substr(0, 60) + "'");
        field_ = line.substr(0, colon);
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        const std::string content = begin == std::string::npos ? "" : line.substr(begin);
        started_ = true;
        if (field_ == "Package")
            current_.name = content;
        else if (field_ == "Version")
            current_.version = content;
        else if (field_ == "Architecture")
            current_.architecture = content;
        else if (field_ == "Section")
            current_.section = content;
        else if (field_ == "Maintainer")
            current_.maintainer = content;
        else if (field_ == "Depends")
            current_.depends = content;
        else if (field_ == "Description")
            current_.summary = content;
        else if (field_ == "Installed-Size")
            current_.installed_size = number(content);
    }

    void continue_field(const std::string& line) {
        if (!started_) refuse("a continuation before any field");
        if (field_ != "Description") return;
        if (!current_.description.empty()) current_.description += '\n';
        if (line != " .") current_.description += line.substr(1); // a lone dot is an empty line
    }

    std::int64_t number(const std::string& text) const {
        const auto size = weft::decimal::try_parse(text);
        const auto whole = size ? size->try_to_int64() : std::nullopt;
        if (!whole) refuse("'" + text + "' is no size");
        return *whole;
    }

    void finish(std::vector<package>& packages) {
        if (!started_) return;
        if (current_.name.empty()) refuse("a package without a name");
        packages.push_back(std::move(current_));
        current_ = {};
        started_ = false;
    }

    std::string path_;
    std::ifstream in_;
    std::size_t line_ = 0;
    std::string field_;
    package current_;
    bool started_ = false;
};

/// Runs a step and prints how many rows it took and how fast.
template <class Step>
void timed(const char* what, Step step) {
    const auto start = std::chrono::steady_clock::now();
    const std::size_t rows = step();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("-- %-28s %8zu rows  %9.6f s  %12.0f rows/s\n\n", what, rows, seconds,
                static_cast<double>(rows) / seconds);
}

/// A bar on a terminal, nothing elsewhere.
void show_progress(std::size_t done, std::size_t total) {
    if (isatty(STDERR_FILENO) == 0) return;
    constexpr std::size_t width = 40;
    const std::string bar(total == 0 ? width : width * done / total, '#');
    std::fprintf(stderr, "\r[%-40s] %zu of %zu%s", bar.c_str(), done, total, done == total ? "\n" : "");
}

void create_table(weft::any_connection& db) {
    db.execute("DROP TABLE IF EXISTS packages"); // a server takes one statement at a time unless told otherwise
    db.execute(R"(
        CREATE TABLE packages (
            name           VARCHAR(200) NOT NULL,
            version        VARCHAR(200) NOT NULL,
            architecture   VARCHAR(40) NOT NULL,
            section        VARCHAR(100),
            installed_size BIGINT,
            maintainer     VARCHAR(400) NOT NULL,
            depends        TEXT,
            summary        TEXT NOT NULL,
            description    TEXT NOT NULL,
            PRIMARY KEY (name, architecture)
        ))");
}

std::size_t load_packages(weft::any_connection& db, const std::vector<package>& packages) {
    constexpr std::size_t chunk = 200;
    db.in_transaction([&] {
        for (std::size_t done = 0; done < packages.size();) {
            const std::size_t count = std::min(chunk, packages.size() - done);
            db.execute_many("INSERT INTO packages VALUES (:name, :version, :architecture, :section, :installed_size, "
                            ":maintainer, :depends, :summary, :description)",
                            std::span(packages).subspan(done, count));
            done += count;
            show_progress(done, packages.size());
        }
    });
    return packages.size();
}

std::size_t load_csv(weft::any_connection& db, const std::string& path) {
    weft::import_options options;
    options.progress = [](const weft::transfer_progress& p) {
        show_progress(static_cast<std::size_t>(p.bytes_done), static_cast<std::size_t>(p.bytes_total));
        return true;
    };
    return static_cast<std::size_t>(weft::import_csv(db, "packages", path, options));
}

std::size_t show_big_packages(weft::any_connection& db) {
    const auto packages =
        db.query<weft::records<big_package>>("SELECT name, section, installed_size FROM packages WHERE installed_size "
                                             ">= ? ORDER BY installed_size DESC LIMIT 5",
                                             10'000);
    for (const big_package& p : packages) {
        std::printf("%-32s %-12s %8.1f MiB\n", p.name.c_str(), p.section.value_or("-").c_str(),
                    static_cast<double>(p.installed_size) / 1024);
    }
    return packages.size();
}

std::size_t show_sections(weft::any_connection& db) {
    const auto packages = db.query<weft::data_frame>("SELECT section, installed_size FROM packages");
    const weft::data_frame sections = packages.group_by({"section"}).count().sort("count", weft::descending).head(8);
    std::printf("%s", sections.to_string().c_str());
    return packages.rows();
}

std::size_t show_table(weft::any_connection& db) {
    const std::string text =
        db.query(weft::table{.max_width = 48},
                 "SELECT name, version, installed_size, summary FROM packages WHERE section IN (?) "
                 "ORDER BY name LIMIT 6",
                 std::vector<std::string>{"shells", "editors", "database"});
    std::printf("%s", text.c_str());
    return static_cast<std::size_t>(db.query_value<std::int64_t>(
        "SELECT count(*) FROM (SELECT 1 FROM packages WHERE section IN (?) LIMIT 6) AS shown",
        std::vector<std::string>{"shells", "editors", "database"}));
}

std::size_t count_lines(weft::any_connection& db) {
    std::size_t rows = 0;
    std::size_t lines = 0;
    for (const auto& [name, description] :
         db.stream<weft::tuples<std::string, std::string>, 256>("SELECT name, description FROM packages")) {
        ++rows;
        lines += description.empty()
                     ? 0
                     : 1 + static_cast<std::size_t>(std::count(description.begin(), description.end(), '\n'));
    }
    std::printf("%zu lines of description, at most 256 rows in memory\n", lines);
    return rows;
}

std::size_t walk_arrow(weft::any_connection& db) {
    weft::arrow_stream stream = db.query<weft::arrow>("SELECT name, installed_size FROM packages");
    std::size_t rows = 0;
    std::int64_t total = 0;
    while (auto batch = stream.next()) {
        const weft::array& sizes = (*batch)["installed_size"];
        for (std::size_t row = 0; row < batch->rows(); ++row) total += sizes.is_null(row) ? 0 : sizes.at(row).int64();
        rows += batch->rows();
    }
    std::printf("%.1f MiB installed, added up over Arrow's C stream interface\n", static_cast<double>(total) / 1024);
    return rows;
}

/// The URL without its password, to be shown.
std::string shown(std::string url) {
    const std::size_t end = url.rfind('@');
    const std::size_t scheme = url.find("://");
    const std::size_t user = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t colon = url.find(':', user);
    if (end != std::string::npos && colon < end) url.erase(colon, end - colon);
    return url;
}

void run(const std::string& input, const std::string& url, const std::filesystem::path& beside) {
    std::printf("weft %s: %s into %s\n\n", WEFT_VERSION, input.c_str(), shown(url).c_str());
    std::vector<package> packages;
    if (!input.ends_with(".csv")) {
        timed("read the package database", [&] {
            packages = status_reader(input).read();
            return packages.size();
        });
    }
    weft::any_connection db = weft::connect(url);
    create_table(db);
    if (input.ends_with(".csv")) {
        timed("load CSV, one transaction", [&] { return load_csv(db, input); });
    } else {
        timed("load, one transaction", [&] { return load_packages(db, packages); });
    }
    timed("query into structs", [&] { return show_big_packages(db); });
    timed("group a data frame", [&] { return show_sections(db); });
    timed("pretty table", [&] { return show_table(db); });
    timed("stream", [&] { return count_lines(db); });
    timed("walk an Arrow stream", [&] { return walk_arrow(db); });
    const std::string json = (beside / "packages.jsonl").string();
    const std::string csv = (beside / "packages.csv").string();
    timed("write JSON lines",
          [&] { return weft::export_json_lines(db, "SELECT * FROM packages ORDER BY name", json); });
    timed("write CSV", [&] { return weft::export_csv(db, "SELECT * FROM packages ORDER BY name", csv); });
    std::printf("wrote %s\nwrote %s\n", json.c_str(), csv.c_str());
}

} // namespace

int main(int argc, char** argv) try {
    const std::string input = argc > 1 ? argv[1] : "/var/lib/dpkg/status";
    std::filesystem::path beside = std::filesystem::temp_directory_path() / "weft-quickstart";
    std::string url = argc > 2 ? argv[2] : "file:" + (beside / "packages.db").string();
    if (url.starts_with("file:")) beside = std::filesystem::path(weft::parse_url(url).path).parent_path();
    if (!beside.empty()) std::filesystem::create_directories(beside);
    run(input, url, beside);
} catch (const weft::error& e) {
    std::fprintf(stderr, "quickstart: %s\n", e.what());
    if (!e.diagnostics().attempted.empty())
        std::fprintf(stderr, "while executing: %s\n", e.diagnostics().attempted.c_str());
    return 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "quickstart: %s\n", e.what());
    return 1;
}
