// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Character sets and the collation ids by which the protocol names them.

#include <cstdint>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// A character set of the servers.
struct charset {
    std::string_view name;
    std::uint16_t default_collation;
    /// Every byte below 0x80 of a text is the ASCII character, so quotes and backslashes can be found by looking at
    /// bytes. Not so in big5, sjis, cp932, gbk and gb18030, where such bytes end characters, nor in the wide sets.
    bool ascii_safe;
};

namespace detail {

inline constexpr charset charsets[] = {
    {"utf8mb4", 45, true},  {"utf8mb3", 33, true},   {"utf8", 33, true},     {"binary", 63, true},
    {"latin1", 8, true},    {"ascii", 11, true},     {"big5", 1, false},     {"dec8", 3, true},
    {"cp850", 4, true},     {"hp8", 6, true},        {"koi8r", 7, true},     {"latin2", 9, true},
    {"swe7", 10, true},     {"ujis", 12, true},      {"sjis", 13, false},    {"hebrew", 16, true},
    {"tis620", 18, true},   {"euckr", 19, true},     {"koi8u", 22, true},    {"gb2312", 24, true},
    {"greek", 25, true},    {"cp1250", 26, true},    {"gbk", 28, false},     {"latin5", 30, true},
    {"armscii8", 32, true}, {"ucs2", 35, false},     {"cp866", 36, true},    {"keybcs2", 37, true},
    {"macce", 38, true},    {"macroman", 39, true},  {"cp852", 40, true},    {"latin7", 41, true},
    {"cp1251", 51, true},   {"utf16", 54, false},    {"utf16le", 56, false}, {"cp1256", 57, true},
    {"cp1257", 59, true},   {"utf32", 60, false},    {"geostd8", 92, true},  {"cp932", 95, false},
    {"eucjpms", 97, true},  {"gb18030", 248, false},
};

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + 32) : a[i];
        if (c != b[i]) return false;
    }
    return true;
}

/// Collations that are not their set's default, and the runs in which the Unicode ones are numbered.
struct collation_run {
    std::uint16_t first;
    std::uint16_t last;
    std::string_view charset;
};

inline constexpr collation_run collation_runs[] = {
    {2, 2, "latin2"},      {5, 5, "latin1"},        {14, 14, "cp1251"},      {15, 15, "latin1"},
    {20, 20, "latin7"},    {21, 21, "latin2"},      {23, 23, "cp1251"},      {27, 27, "latin2"},
    {29, 29, "cp1257"},    {31, 31, "latin1"},      {34, 34, "cp1250"},      {42, 42, "latin7"},
    {43, 43, "macce"},     {44, 44, "cp1250"},      {46, 46, "utf8mb4"},     {47, 49, "latin1"},
    {50, 50, "cp1251"},    {52, 52, "cp1251"},      {53, 53, "macroman"},    {55, 55, "utf16"},
    {58, 58, "cp1257"},    {61, 61, "utf32"},       {62, 62, "utf16le"},     {64, 64, "armscii8"},
    {65, 65, "ascii"},     {66, 66, "cp1250"},      {67, 67, "cp1256"},      {68, 68, "cp866"},
    {69, 69, "dec8"},      {70, 70, "greek"},       {71, 71, "hebrew"},      {72, 72, "hp8"},
    {73, 73, "keybcs2"},   {74, 74, "koi8r"},       {75, 75, "koi8u"},       {76, 76, "utf8mb3"},
    {77, 77, "latin2"},    {78, 78, "latin5"},      {79, 79, "latin7"},      {80, 80, "cp850"},
    {81, 81, "cp852"},     {82, 82, "swe7"},        {83, 83, "utf8mb3"},     {84, 84, "big5"},
    {85, 85, "euckr"},     {86, 86, "gb2312"},      {87, 87, "gbk"},         {88, 88, "sjis"},
    {89, 89, "tis620"},    {90, 90, "ucs2"},        {91, 91, "ujis"},        {93, 93, "geostd8"},
    {94, 94, "latin1"},    {96, 96, "cp932"},       {98, 98, "eucjpms"},     {99, 99, "cp1250"},
    {101, 124, "utf16"},   {128, 151, "ucs2"},      {159, 159, "ucs2"},      {160, 183, "utf32"},
    {192, 215, "utf8mb3"}, {223, 223, "utf8mb3"},   {224, 247, "utf8mb4"},   {249, 250, "gb18030"},
    {255, 323, "utf8mb4"}, {2048, 2303, "utf8mb3"}, {2304, 2559, "utf8mb4"}, {2560, 2815, "ucs2"},
    {2816, 3071, "utf16"}, {3072, 3327, "utf32"},
};

} // namespace detail

/// The character set of that name, in any case; null when it is unknown.
constexpr const charset* find_charset(std::string_view name) noexcept {
    for (const charset& c : detail::charsets) {
        if (detail::equal_ignoring_case(name, c.name)) return &c;
    }
    return nullptr;
}

/// The character set a collation id belongs to; null when it is unknown. Ids from 1024 are MariaDB's: those of NO PAD
/// collations, and from 2048 the uca1400 family.
constexpr const charset* charset_of_collation(std::uint16_t id) noexcept {
    if (id > 1024 && id < 1280) id = static_cast<std::uint16_t>(id - 1024);
    for (const charset& c : detail::charsets) {
        if (c.default_collation == id) return &c;
    }
    for (const detail::collation_run& r : detail::collation_runs) {
        if (id >= r.first && id <= r.last) return find_charset(r.charset);
    }
    return nullptr;
}

/// The character set of a collation's name (`utf8mb4_uca1400_ai_ci`); null when it is unknown. A set's own name is
/// taken too.
constexpr const charset* charset_of_collation_name(std::string_view name) noexcept {
    return find_charset(name.substr(0, name.find('_')));
}

} // namespace weft::inline v0::mysql::protocol
