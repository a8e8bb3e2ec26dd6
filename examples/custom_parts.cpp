// SPDX-License-Identifier: BSL-1.0

// Parts of your own. A connection that answers from a vector of structs, a buffering strategy that refuses large
// results, and a format that draws bars; each works with the built-in others, and all three with each other.

#include <weft/connect.hpp>
#include <weft/format.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <iostream>

namespace {

struct city {
    std::string name;
    std::int64_t population;
    double area;
};
BOOST_DESCRIBE_STRUCT(city, (), (name, population, area))

const std::vector<city> cities{
    {"Bergen", 294'000, 464.7}, {"Bodø", 54'000, 1395.3}, {"Oslo", 717'000, 454.1}, {"Tromsø", 78'000, 2521.0}};

// ---- A format: the first column names a bar, the second is its length. ----------------------------------------------

struct bars {
    using result_type = std::string;

    std::int64_t unit = 50'000; ///< what one character stands for

    class reader {
    public:
        reader(const weft::schema& layout, std::int64_t unit) : unit_(unit) {
            if (layout.size() != 2) throw weft::programming_error("bars need two columns, not " + layout.names());
        }

        template <weft::block B>
        void append(const B& rows, weft::row_range range) {
            for (std::size_t r = 0; r < range.count; ++r) {
                std::string name;
                std::int64_t length = 0;
                weft::read_cell(rows.at(0, range.first + r), name, {"name", 0, range.number + r});
                weft::read_cell(rows.at(1, range.first + r), length, {"length", 1, range.number + r});
                text_ += std::string(static_cast<std::size_t>(length / unit_), '#') + ' ' + name + '\n';
            }
        }

        std::string finish() { return std::exchange(text_, {}); }

    private:
        std::int64_t unit_;
        std::string text_;
    };

    reader bind(const weft::schema& layout) const { return {layout, unit}; }
};
static_assert(weft::result_format<bars>);

// ---- A buffering strategy: like `buffered`, but a result of more than `Most` rows is refused before it is all read.
// --

template <std::size_t Most>
struct at_most {
    static constexpr std::size_t batch_rows = 0;

    template <weft::statement_result R>
    class store {
    public:
        static constexpr bool scrollable = true;
        using block_type = weft::cell_block;

        void open(R& result) {
            typename weft::streaming<Most + 1>::template store<R> source;
            source.open(result);
            rows_.reset(result.layout());
            for (auto next = source.peek(result); next.count != 0; next = source.peek(result)) {
                if (rows_.rows() + next.count > Most) {
                    throw weft::operational_error("the result has more than " + std::to_string(Most) + " rows");
                }
                rows_.append(*next.rows, {next.first, next.count, rows_.rows()});
                source.advance(next.count);
            }
        }

        weft::segment<block_type> peek(R&) const { return {&rows_, position_, size() - position_}; }
        void advance(std::size_t n) { position_ += n; }
        std::size_t size() const { return rows_.rows(); }
        void seek(std::size_t row) { position_ = row; }

    private:
        weft::cell_block rows_;
        std::size_t position_ = 0;
    };
};

// ---- A connection: `all` gives the rows of a vector, `atleast MEMBER ?` those where the member is no less.
// ------------

/// Some of the structs of a vector as a block. Nothing is copied.
template <weft::described T>
class struct_block {
public:
    struct_block() : layout_(describe_members(std::make_index_sequence<weft::member_count<T>()>())) {}

    std::size_t rows() const { return rows_.size(); }
    const weft::schema& layout() const { return *layout_; }
    std::shared_ptr<const weft::schema> shared_layout() const { return layout_; }
    weft::cell at(std::size_t column, std::size_t row) const { return member_cell(*rows_[row], column); }

    void clear() { rows_.clear(); }
    void add(const T& row) { rows_.push_back(&row); }

    static weft::cell member_cell(const T& row, std::size_t column) {
        return pick(row, column, std::make_index_sequence<weft::member_count<T>()>());
    }

private:
    template <std::size_t... I>
    static weft::cell pick(const T& row, std::size_t column, std::index_sequence<I...>) {
        weft::cell_storage unused; // numbers and texts need no memory of their own
        weft::cell found;
        ((I == column ? void(found = weft::to_cell(weft::member<I>(row), unused)) : void()), ...);
        return found;
    }

    template <std::size_t... I>
    static std::shared_ptr<const weft::schema> describe_members(std::index_sequence<I...>) {
        std::vector<weft::field> fields(sizeof...(I));
        ((fields[I].name = weft::member_name<T, I>()), ...);
        for (std::size_t c = 0; c < fields.size(); ++c) fields[c].type = member_cell(T{}, c).kind();
        return std::make_shared<const weft::schema>(std::move(fields));
    }

    std::shared_ptr<const weft::schema> layout_;
    std::vector<const T*> rows_;
};

/// Deriving from connection_interface gives it query(), stream() and the rest; run(), dialect and the result are what
/// the connection concept asks for, close() and is_open() what any_connection asks for.
template <weft::described T>
class vector_connection : public weft::connection_interface<vector_connection<T>> {
public:
    static constexpr weft::sql_dialect dialect{};

    class result_type {
    public:
        using block_type = struct_block<T>;

        explicit result_type(std::vector<const T*> rows) : rows_(std::move(rows)) {}

        std::shared_ptr<const weft::schema> layout() const { return block_type().shared_layout(); }
        bool read(block_type& into, std::size_t count) {
            into.clear();
            for (; next_ < rows_.size() && into.rows() < count; ++next_) into.add(*rows_[next_]);
            return into.rows() != 0;
        }
        bool next_set() { return false; }
        std::int64_t affected_rows() const { return -1; }
        std::int64_t last_insert_id() const { return 0; }
        std::vector<weft::warning> warnings() const { return {}; }

    private:
        std::vector<const T*> rows_;
        std::size_t next_ = 0;
    };

    explicit vector_connection(const std::vector<T>& rows) : rows_(&rows) {}

    result_type run(std::string_view command, std::span<const weft::cell> parameters) {
        if (rows_ == nullptr) throw weft::programming_error("the connection is closed");
        constexpr std::string_view at_least = "atleast ";
        std::vector<const T*> found;
        if (command == "all" && parameters.empty()) {
            for (const T& row : *rows_) found.push_back(&row);
        } else if (command.starts_with(at_least) && command.ends_with(" ?") && parameters.size() == 1) {
            command.remove_prefix(at_least.size());
            command.remove_suffix(2);
            const std::size_t column = struct_block<T>().layout().index_of(command);
            const double least = weft::value(parameters[0]).template as<double>();
            for (const T& row : *rows_) {
                if (weft::value(struct_block<T>::member_cell(row, column)).template as<double>() >= least) {
                    found.push_back(&row);
                }
            }
        } else {
            throw weft::programming_error("cannot understand '" + std::string(command) + "'");
        }
        return result_type(std::move(found));
    }

    void close() { rows_ = nullptr; }
    bool is_open() const { return rows_ != nullptr; }

private:
    const std::vector<T>* rows_;
};
static_assert(weft::connection<vector_connection<city>>);
static_assert(weft::erasable_connection<vector_connection<city>>);
static_assert(weft::composable<vector_connection<city>, at_most<3>, bars>);

void show_error(auto&& action) {
    try {
        action();
    } catch (const weft::error& e) {
        std::cout << "  refused: " << e.what() << '\n';
    }
}

} // namespace

int main() {
    vector_connection<city> in_memory(cities);

    weft::embedded::database database(":memory:");
    database.execute("CREATE TABLE city (name TEXT, population INTEGER, area REAL)");
    database.execute_many("INSERT INTO city VALUES (:name, :population, :area)", cities);

    std::cout << "A user's connection with a built-in format\n";
    for (const auto& c : in_memory.query<weft::records<city>>("atleast population ?", 100'000)) {
        std::cout << "  " << c.name << ' ' << c.population << '\n';
    }

    std::cout << "The same as whole columns, and streamed as tuples\n";
    const auto columns = in_memory.query<weft::columns>("all");
    std::cout << "  " << columns.rows() << " rows, last population "
              << columns.values<std::int64_t>("population").back() << '\n';
    for (const auto& [name, population, area] :
         in_memory.stream<weft::tuples<std::string, std::int64_t, double>, 2>("all")) {
        std::cout << "  " << name << " has " << static_cast<double>(population) / area << " people per km²\n";
    }

    std::cout << "A built-in connection with a user's format\n";
    std::cout << database.query<bars>("SELECT name, population FROM city ORDER BY population");
    std::cout << "The same with another unit\n";
    std::cout << database.query(bars{.unit = 200'000}, "SELECT name, population FROM city ORDER BY population");
    show_error([&] { (void)database.query<bars>("SELECT name FROM city"); });

    std::cout << "A user's buffering on both\n";
    weft::cursor<weft::embedded::database, at_most<3>> on_file(database);
    std::cout << "  " << on_file.execute("SELECT name FROM city WHERE area > ?", 1000) << " rows fit\n";
    on_file.scroll(1);
    std::cout << "  the second is " << on_file.fetch_one()->to_string() << '\n';
    show_error([&] { on_file.execute("SELECT name FROM city"); });
    weft::cursor<vector_connection<city>, at_most<3>, weft::dicts> on_vector(in_memory);
    on_vector.execute("atleast area ?", 2000);
    for (const auto& row : on_vector) std::cout << "  " << row["name"].to_string() << " is wide\n";
    show_error([&] { on_vector.execute("all"); });

    std::cout << "A connection whose kind is known at run time\n";
    weft::any_connection any(in_memory);
    std::cout << "  " << any.query_one<weft::named_rows>("all")->to_string() << '\n';
    show_error([&] { any.execute("DROP TABLE city"); });
    any.close();
    show_error([&] { any.execute("all"); });
}
