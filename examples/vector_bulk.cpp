// SPDX-License-Identifier: BSL-1.0

// A program around weft/vector/bulk.hpp: files of vectors to index files, and questions to those.
//
//     vector_bulk build-index -i vectors.npy -o vectors.hnsw --metric cosine
//     vector_bulk query -i vectors.hnsw -q query.f32 -k 10 -e 100
//     vector_bulk info -i vectors.hnsw --json
//     vector_bulk convert -i vectors.npy -o vectors.f32
//
// Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage,
// 3 an input file is missing or not what it should be, 4 the output cannot be written, 130 interrupted (by SIGINT or
// SIGTERM, while an index is built or vectors are converted: then the output is as it was before).

#include <weft/vector/bulk.hpp>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace vector = weft::vector;

namespace {

enum exit_code : int { done = 0, failed = 1, wrong_usage = 2, bad_input = 3, bad_output = 4, interrupted = 130 };

constexpr char usage[] =
    "usage: vector_bulk COMMAND [OPTIONS]\n"
    "\n"
    "build-index  build an index over the vectors of a file\n"
    "  -i, --input FILE            vectors: raw_f32 (.f32 .raw .bin), npy, fvecs or bvecs\n"
    "  -o, --output FILE           index; replaced as a whole\n"
    "  -d, --dimension N           for raw files without a description\n"
    "  -f, --format NAME           of the input, instead of what its extension says\n"
    "      --ids FILE              64-bit little-endian ids, one a vector; else 0, 1, 2 ...\n"
    "      --direct-read           read the input instead of mapping it\n"
    "      --prefault              map the input and read all of it at once\n"
    "  -m, --max-connections N     links of a vector (16)\n"
    "  -e, --ef-construction N     width of the search for them (100)\n"
    "      --metric NAME           cosine, l2 or ip (the input's description, else cosine)\n"
    "      --storage NAME          int8 beside the vectors, or f32 (int8)\n"
    "      --ordering NAME         order in which vectors come into the index: none, random_projection (rp), kmeans\n"
    "                              (coarse_kmeans) or block (none); ids follow their vectors\n"
    "      --batch-size N          vectors between two reports (1000)\n"
    "  -t, --threads N             0: one for each processor (0)\n"
    "      --quiet                 no progress\n"
    "      --telemetry             page faults, at the end\n"
    "query        print the nearest vectors\n"
    "  -i, --index FILE            index\n"
    "  -q, --query FILE            one vector of raw floats\n"
    "  -k, --k N                   how many (10)\n"
    "  -e, --ef N                  width of the search (50)\n"
    "info         print what an index holds\n"
    "  -i, --index FILE            index\n"
    "convert      write the vectors of a file in another format\n"
    "  -i, --input FILE  -o, --output FILE  --from-format NAME  --to-format raw_f32|npy|fvecs\n"
    "  -d, --dimension N  --metric NAME  --direct-read  --prefault\n"
    "\n"
    "      --json                  results as one JSON object (build-index, query, info)\n"
    "      --verify                read the whole index first and compare its checksums (query, info)\n"
    "  -v, --verbose               what is done, on standard error\n"
    "  -h, --help, --version\n";

bool is_verbose = false;

template <class... Values>
void say(const char* format, Values... values) {
    if (is_verbose) std::fprintf(stderr, format, values...);
}

struct usage_error {
    std::string message;
};
struct help_wanted {};

/// The options of a command line, each with its long name.
class arguments {
public:
    arguments(int count, char** words, const std::map<std::string, std::string>& shorts, std::string_view flags,
              std::string_view valued) {
        for (int i = 0; i < count; ++i) {
            std::string word = words[i];
            std::optional<std::string> value;
            if (const auto it = shorts.find(word); it != shorts.end()) word = it->second;
            if (const std::size_t equals = word.find('='); word.starts_with("--") && equals != std::string::npos) {
                value = word.substr(equals + 1);
                word.resize(equals);
            }
            if (word == "-h" || word == "--help") throw help_wanted{};
            if (word == "--verbose") is_verbose = true;
            const std::string padded = ' ' + word + ' ';
            if (!value && flags.find(padded) != std::string_view::npos) {
                values_[word] = "";
            } else if (valued.find(padded) != std::string_view::npos) {
                if (!value && ++i == count) throw usage_error{"option " + word + " needs a value"};
                values_[word] = value ? *value : words[i];
            } else {
                throw usage_error{"option " + word + " is not known here"};
            }
        }
    }

    bool has(const std::string& name) const { return values_.contains(name); }
    std::string text(const std::string& name, const std::string& otherwise = {}) const {
        const auto it = values_.find(name);
        return it == values_.end() ? otherwise : it->second;
    }
    std::string needed(const std::string& name) const {
        if (!has(name)) throw usage_error{"option " + name + " is missing"};
        return text(name);
    }
    std::size_t number(const std::string& name, std::size_t otherwise) const {
        if (!has(name)) return otherwise;
        const std::string value = text(name);
        std::size_t parsed = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
        if (error != std::errc() || end != value.data() + value.size())
            throw usage_error{"option " + name + " is '" + value + "', which is no number"};
        return parsed;
    }

private:
    std::map<std::string, std::string> values_;
};

/// Tells a stop token of SIGINT and SIGTERM while it lives. A thread waits for them, so that nothing has to be done in
/// a signal handler.
class interruption {
public:
    interruption() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_); // threads started from now on inherit it
        waiter_ = std::jthread([this](const std::stop_token& over) {
            constexpr timespec moment{0, 50'000'000};
            while (!over.stop_requested())
                if (sigtimedwait(&signals_, nullptr, &moment) > 0) stop_.request_stop();
        });
    }
    interruption(const interruption&) = delete;
    interruption& operator=(const interruption&) = delete;
    ~interruption() {
        waiter_ = {};
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    std::stop_token token() const { return stop_.get_token(); }

private:
    sigset_t signals_{};
    sigset_t before_{};
    std::stop_source stop_;
    std::jthread waiter_;
};

/// A line of standard error that is written over again and again.
class progress_bar {
public:
    explicit progress_bar(bool shown) : shown_(shown) {}

    void operator()(std::size_t count, std::size_t total) {
        if (!shown_) return;
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
        const double rate = seconds > 0 ? static_cast<double>(count) / seconds : 0;
        constexpr std::size_t width = 30;
        const std::size_t filled = total == 0 ? width : count * width / total;
        const std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
        const auto left = static_cast<long>(rate > 0 ? static_cast<double>(total - count) / rate + 0.5 : 0.0);
        std::fprintf(stderr, "\r[%s] %3zu %%  %zu of %zu  %.0f vec/s  %ld:%02ld left ", bar.c_str(),
                     total == 0 ? 100 : count * 100 / total, count, total, rate, left / 60, left % 60);
        if (count == total) std::fputc('\n', stderr);
        std::fflush(stderr);
    }

private:
    bool shown_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What `parse` makes of the value of an option, or `otherwise` where it is not given.
template <class Parse, class Value>
Value option(const arguments& given, const std::string& name, Parse&& parse, Value otherwise) try {
    return given.has(name) ? parse(given.text(name)) : otherwise;
} catch (const weft::data_error& e) {
    throw usage_error{"option " + name + ": " + e.what()};
}

vector::vector_file read_input(const arguments& given, const std::string& format) {
    const bool copied = given.has("--direct-read");
    if (copied && given.has("--prefault")) throw usage_error{"--direct-read and --prefault exclude each other"};
    if (given.number("--dimension", 1) == 0) throw usage_error{"Invalid argument: Dimension cannot be 0"};
    auto input = vector::read_vectors(given.needed("--input"),
                                      option(given, format, vector::parse_format, vector::vector_format::automatic),
                                      given.number("--dimension", 0),
                                      copied                    ? vector::file_access::copied
                                      : given.has("--prefault") ? vector::file_access::prefaulted
                                                                : vector::file_access::mapped);
    say("%s: %zu vectors of %zu dimensions\n", given.text("--input").c_str(), input.size(), input.dimension());
    return input;
}

/// Says so where a build was slower than one should expect of any machine.
void warn_of_low_rate(const vector::bulk_build_stats& stats) {
    constexpr struct {
        std::size_t dimension;
        double rate;
    } expected[] = {{128, 5000}, {384, 3000}, {768, 1500}, {1536, 750}, {static_cast<std::size_t>(-1), 300}};
    for (const auto& each : expected) {
        if (stats.dimension > each.dimension) continue;
        if (stats.vectors >= 100 && stats.rate < each.rate)
            std::fprintf(stderr, "warning: %.0f vec/s is less than %.0f, which is little for %zu dimensions\n",
                         stats.rate, each.rate, stats.dimension);
        return;
    }
}

void tell_page_faults() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    std::fprintf(stderr, "page faults: %ld without reading, %ld with; at most %ld MB in memory\n", used.ru_minflt,
                 used.ru_majflt, used.ru_maxrss / 1024);
}

int build_index(const arguments& given) {
    const std::string output = given.needed("--output");
    const auto input = read_input(given, "--format");
    std::vector<std::uint64_t> ids;
    if (given.has("--ids")) {
        ids = vector::read_ids(given.text("--ids"));
        if (ids.size() != input.size())
            throw weft::data_error("ID count mismatch: " + std::to_string(ids.size()) + " IDs vs " +
                                   std::to_string(input.size()) + " vectors");
    }
    vector::bulk_build_options how{.ids = ids};
    how.m = given.number("--max-connections", how.m);
    how.ef_construction = given.number("--ef-construction", how.ef_construction);
    how.batch_size = given.number("--batch-size", how.batch_size);
    how.threads = given.number("--threads", 0);
    how.metric = option(given, "--metric", vector::parse_metric, input.metric().value_or(vector::metric_kind::cosine));
    if (how.metric > vector::metric_kind::cosine)
        throw usage_error{"metric " + std::string(name_of(how.metric)) + " is not cosine, l2 or ip"};
    const std::string storage = given.text("--storage", "int8");
    if (storage != "int8" && storage != "f32") throw usage_error{"storage '" + storage + "' is not int8 or f32"};
    how.storage = storage == "f32" ? vector::code_kind::f32 : vector::code_kind::int8;
    how.order = option(given, "--ordering", vector::parse_ordering, vector::ordering::none);
    say("metric %s, storage %s, M %zu, ef_construction %zu, %zu threads (0: all processors)\n",
        std::string(name_of(how.metric)).c_str(), storage.c_str(), how.m, how.ef_construction, how.threads);

    const interruption interrupts;
    how.stop = interrupts.token();
    progress_bar bar(!given.has("--quiet") && ::isatty(STDERR_FILENO) == 1);
    how.progress = bar;
    vector::bulk_build_stats stats;
    try {
        stats = vector::bulk_build_index(input.rows(), output, how);
    } catch (const vector::cancelled_error&) {
        throw;
    } catch (const weft::operational_error& e) {
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return bad_output;
    }
    warn_of_low_rate(stats);
    if (given.has("--telemetry")) tell_page_faults();
    if (given.has("--json"))
        std::printf("{\"vectors\": %zu, \"dimension\": %zu, \"elapsed_seconds\": %.6f, \"rate\": %.1f, "
                    "\"index_size_bytes\": %llu}\n",
                    stats.vectors, stats.dimension, stats.elapsed_seconds, stats.rate,
                    static_cast<unsigned long long>(stats.index_size_bytes));
    else
        std::printf("%zu vectors of %zu dimensions in %.2f s: %.0f vec/s, %.1f MB\n", stats.vectors, stats.dimension,
                    stats.elapsed_seconds, stats.rate, static_cast<double>(stats.index_size_bytes) / 1e6);
    return done;
}

int query(const arguments& given) {
    const std::string index = given.needed("--index");
    const std::string asked = given.needed("--query");
    const std::size_t k = given.number("--k", 10);
    const std::size_t ef = given.number("--ef", 50);
    const auto about = vector::read_index_info(vector::index_file(index));
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(asked, error);
    if (error) throw weft::operational_error("cannot open '" + asked + "': " + error.message());
    if (size != about.dimension * sizeof(float))
        throw weft::data_error("Query size mismatch: expected " + std::to_string(about.dimension * sizeof(float)) +
                               " bytes (" + std::to_string(about.dimension) + " dim), got " + std::to_string(size));
    const vector::vector_file query = vector::read_raw_embeddings(asked, about.dimension);
    say("%s: %zu vectors of %zu dimensions, metric %s\n", index.c_str(), about.vectors, about.dimension,
        std::string(name_of(about.metric)).c_str());
    const auto start = std::chrono::steady_clock::now();
    const auto found =
        vector::bulk_query_index(index, query.rows().row(0), k, {.ef_search = ef, .verify = given.has("--verify")});
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (given.has("--json")) {
        std::fputs("{\"results\": [", stdout);
        for (std::size_t i = 0; i < found.size(); ++i)
            std::printf("%s{\"id\": %llu, \"distance\": %.9g}", i == 0 ? "" : ", ",
                        static_cast<unsigned long long>(found[i].id), static_cast<double>(found[i].distance));
        std::printf("], \"elapsed_ms\": %.3f}\n", ms);
        return done;
    }
    std::printf("Results (in %.2fms):\n", ms);
    for (std::size_t i = 0; i < found.size(); ++i)
        std::printf("  %2zu. ID: %12llu  Distance: %.6f\n", i + 1, static_cast<unsigned long long>(found[i].id),
                    static_cast<double>(found[i].distance));
    return done;
}

int info(const arguments& given) {
    const std::string index = given.needed("--index");
    if (given.has("--verify")) vector::index_file(index).verify();
    const auto about = vector::bulk_info(index);
    const std::string metric(name_of(about.metric));
    const std::string storage(name_of(about.storage));
    const auto bytes = static_cast<unsigned long long>(about.index_size_bytes);
    if (given.has("--json"))
        std::printf(
            "{\"vectors\": %zu, \"dimension\": %zu, \"metric\": \"%s\", \"storage\": \"%s\", \"m\": %zu, "
            "\"ef_construction\": %zu, \"max_layer\": %zu, \"avg_connections\": %.3f, \"index_size_bytes\": %llu}\n",
            about.vectors, about.dimension, metric.c_str(), storage.c_str(), about.m, about.ef_construction,
            about.max_layer, about.avg_connections, bytes);
    else
        std::printf("File:             %s\nVectors:          %zu\nDimension:        %zu\nMetric:           %s\n"
                    "Storage:          %s\nM:                %zu\nef_construction:  %zu\nMax layer:        %zu\n"
                    "Avg connections:  %.1f\nFile size:        %.1f MB\n",
                    index.c_str(), about.vectors, about.dimension, metric.c_str(), storage.c_str(), about.m,
                    about.ef_construction, about.max_layer, about.avg_connections, static_cast<double>(bytes) / 1e6);
    return done;
}

int convert(const arguments& given) {
    const std::string output = given.needed("--output");
    std::string target = given.text("--to-format");
    if (target.empty()) target = output.ends_with(".npy") ? "npy" : output.ends_with(".fvecs") ? "fvecs" : "raw_f32";
    auto format = vector::vector_format::bvecs;
    try {
        format = vector::parse_format(target);
    } catch (const weft::data_error&) { // said below
    }
    if (format == vector::vector_format::bvecs) throw usage_error{"Unsupported output format: " + target};
    const auto input = read_input(given, "--from-format");
    const auto metric = option(
        given, "--metric", [](const std::string& name) { return std::optional(vector::parse_metric(name)); },
        input.metric());
    const interruption interrupts;
    try {
        if (format == vector::vector_format::npy)
            vector::write_npy(input.rows(), output, interrupts.token());
        else if (format == vector::vector_format::fvecs)
            vector::write_fvecs(input.rows(), output, interrupts.token());
        else
            vector::convert_embeddings_to_raw(input.rows(), output, metric, interrupts.token());
    } catch (const vector::cancelled_error&) {
        throw;
    } catch (const weft::operational_error& e) {
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return bad_output;
    }
    std::fprintf(stderr, "%zu vectors of %zu dimensions\n", input.size(), input.dimension());
    return done;
}

int run(int count, char** words) {
    if (count > 1 && (std::string_view(words[1]) == "-v" || std::string_view(words[1]) == "--verbose")) {
        is_verbose = true;
        ++words;
        --count;
    }
    const std::string command = count > 1 ? words[1] : "";
    const std::map<std::string, std::string> building{
        {"-i", "--input"},           {"-o", "--output"},  {"-d", "--dimension"},       {"-f", "--format"},
        {"-m", "--max-connections"}, {"-t", "--threads"}, {"-e", "--ef-construction"}, {"-v", "--verbose"}};
    const std::map<std::string, std::string> asking{
        {"-i", "--index"}, {"-q", "--query"}, {"-k", "--k"}, {"-e", "--ef"}, {"-v", "--verbose"}};
    if (command == "build-index")
        return build_index({count - 2, words + 2, building,
                            " --quiet --json --direct-read --prefault --telemetry --verbose ",
                            " --input --output --dimension --format --ids --max-connections --ef-construction --metric"
                            " --storage --ordering --batch-size --threads "});
    if (command == "query")
        return query({count - 2, words + 2, asking, " --json --verify --verbose ", " --index --query --k --ef "});
    if (command == "info") return info({count - 2, words + 2, asking, " --json --verify --verbose ", " --index "});
    if (command == "convert")
        return convert({count - 2, words + 2, building, " --direct-read --prefault --verbose ",
                        " --input --output --dimension --from-format --to-format --metric "});
    if (command == "--version") {
        std::puts("vector_bulk (weft " WEFT_VERSION ")");
        return done;
    }
    if (command == "--help" || command == "-h") {
        std::fputs(usage, stdout);
        return done;
    }
    throw usage_error{command.empty() ? "a command is missing" : "command '" + command + "' is not known"};
}

} // namespace

int main(int count, char** words) {
    if (count == 1) { // as the tests run every example
        std::fputs(usage, stdout);
        return done;
    }
    try {
        return run(count, words);
    } catch (const help_wanted&) {
        std::fputs(usage, stdout);
        return done;
    } catch (const usage_error& e) {
        std::fprintf(stderr, "vector_bulk: %s; vector_bulk --help says what there is\n", e.message.c_str());
        return wrong_usage;
    } catch (const weft::programming_error& e) {
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return wrong_usage;
    } catch (const weft::data_error& e) {
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return bad_input;
    } catch (const vector::cancelled_error&) {
        std::fputs("interrupted; nothing was written\n", stderr);
        return interrupted;
    } catch (const weft::operational_error& e) {
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return bad_input;
    } catch (const weft::not_supported_error& e) { // an index of another kind
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return bad_input;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "vector_bulk: %s\n", e.what());
        return failed;
    }
}
