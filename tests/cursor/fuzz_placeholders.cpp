// SPDX-License-Identifier: BSL-1.0
// Any text in any dialect: placeholders lie within it and in order, the rewritten text has one `?` for each value and
// nothing else to rewrite, and everything between placeholders is as it was.
#include <weft/cursor/parameters.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const weft::sql_dialect dialect{.backslash_escapes = (data[0] & 1) != 0,
                                    .hash_comments = (data[0] & 2) != 0,
                                    .bracket_identifiers = (data[0] & 4) != 0,
                                    .sigil_parameters = (data[0] & 8) != 0,
                                    .spaced_dash_comments = (data[0] & 16) != 0,
                                    .quoted_identifiers = (data[0] & 32) != 0,
                                    .executable_comments = (data[0] & 64) != 0};
    const std::vector<char> exact(data + 1, data + size);
    const std::string_view sql(exact.data(), exact.size());

    std::vector<weft::placeholder> found;
    weft::detail::placeholder_scanner scanner(sql, dialect);
    weft::placeholder p{};
    std::size_t end = 0;
    bool percents = false;
    while (scanner.next(p)) {
        require(p.offset >= end && p.length > 0);
        end = p.offset + p.length;
        require(end <= sql.size());
        if (p.style == weft::placeholder_style::named || p.style == weft::placeholder_style::format_named) {
            require(!p.name.empty() && p.name.data() >= sql.data() &&
                    p.name.data() + p.name.size() <= sql.data() + end);
        }
        percents =
            percents || p.style == weft::placeholder_style::format || p.style == weft::placeholder_style::format_named;
        found.push_back(p);
    }

    // Rewriting replaces placeholders and leaves what is between them alone.
    std::size_t emitted = 0;
    const std::string rewritten = weft::detail::rewrite(sql, dialect, [&](std::string& text, const weft::placeholder&) {
        text += '?';
        ++emitted;
    });
    std::string expected;
    std::size_t copied = 0;
    for (const weft::placeholder& one : found) {
        expected += sql.substr(copied, one.offset - copied);
        expected += one.style != weft::placeholder_style::percent ? "?" : percents ? "%" : "%%";
        copied = one.offset + one.length;
    }
    expected += sql.substr(copied);
    require(rewritten == expected);

    const weft::placeholder_summary summary = weft::summarize_placeholders(sql, dialect);
    if (!summary.needs_rewriting) {
        require(rewritten == sql && emitted == summary.arguments);
    }

    // With enough arguments the text binds, with one value for each placeholder, or is refused with a reason.
    try {
        const weft::detail::argument_list arguments(1, std::string_view("two"), nullptr);
        const auto bound = weft::detail::bind_arguments(sql, dialect, arguments);
        require(bound.cells.size() == emitted && bound.text == rewritten);
    } catch (const weft::programming_error& e) {
        require(std::string_view(e.what()).size() > 10);
    }
    return 0;
}
