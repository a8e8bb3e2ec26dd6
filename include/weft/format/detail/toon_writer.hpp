// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>
#include <weft/format/detail/toon_shape.hpp>
#include <weft/format/toon_options.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

inline void check_toon_options(const toon_encode_options& options) {
    if (options.indent_size == 0) throw programming_error("the indentation of TOON is at least one space a level");
    if (options.delimiter != ',' && options.delimiter != '\t' && options.delimiter != '|')
        throw programming_error("the delimiter of TOON is a comma, a tab or '|'");
}

/// `[N` of a header, with the delimiter behind it unless it is the comma: `close` is what follows the number.
inline void put_toon_bracket(toon_output& out, std::size_t length, char delimiter, std::string_view before_delimiter) {
    char* const p = out.room(32);
    *p = '[';
    out.done(std::to_chars(p + 1, p + 32, length).ptr);
    out.put(before_delimiter);
    if (delimiter != ',') out.put(delimiter);
    out.put(']');
}

/// Writes values as TOON. Levels are numbers of indentation steps.
class toon_writer {
public:
    toon_writer(toon_output& out, const toon_encode_options& options) : out_(out), options_(options) {
        check_toon_options(options);
    }

    void document(const cell& root) {
        if (root.kind() == type_id::structure) {
            if (!try_keyed_table(root, 1)) members(root, 0, options_.flatten_depth);
        } else if (is_toon_primitive(root)) {
            primitive(root);
        } else if (count_of(root) == 0) {
            out_.put("[]");
        } else if (!try_table(root, 1)) {
            plain_array(root, 1, options_.flatten_depth);
        }
    }

    /// One item of a list whose header is already there, on a line of its own at `level`.
    void list_item(const cell& c, std::size_t level) {
        first_line_ = false;
        line(level);
        item(c, level, options_.flatten_depth);
    }

private:
    // ---- lines

    void line(std::size_t level) {
        if (!first_line_) out_.put('\n');
        first_line_ = false;
        out_.fill(' ', level * options_.indent_size);
    }

    void primitive(const cell& c) { put_toon_primitive(out_, c, options_.delimiter); }

    void enter() {
        if (++nesting_ > toon_max_depth) throw data_error("a value nested deeper than 1024 levels cannot become TOON");
    }

    static std::size_t count_of(const cell& c) {
        return c.kind() == type_id::vector ? c.vector().size() : c.nested_count();
    }

    // ---- objects

    /// The members, each on lines of its own at `level`. `budget` is how many keys may be folded into one.
    void members(const cell& object, std::size_t level, std::size_t budget) {
        for (std::size_t i = 0; i < object.nested_count(); ++i) {
            line(level);
            member(object, i, level, budget);
        }
    }

    /// One member, from its key on; its line stands at `level`.
    void member(const cell& object, std::size_t index, std::size_t level, std::size_t budget) {
        const std::string_view name = object.nested_name(index);
        const cell content = object.nested_element(index);
        if (options_.fold_keys && budget >= 2 && content.kind() == type_id::structure) {
            std::string folded(name);
            cell inner = content;
            const std::size_t used = fold(object, folded, inner, budget);
            if (used >= 2) {
                out_.put(folded);
                after_key(inner, level, budget - used);
                return;
            }
        }
        put_toon_key(out_, name);
        after_key(content, level, budget);
    }

    /// Follows the objects with one member from `inner` on. Returns how many keys became one: 1 when they must not.
    std::size_t fold(const cell& object, std::string& name, cell& inner, std::size_t budget) const {
        if (!is_toon_identifier(name)) return 1;
        std::size_t used = 1;
        for (; used < budget && inner.kind() == type_id::structure && inner.nested_count() == 1; ++used) {
            const std::string_view key = inner.nested_name(0);
            if (used == toon_max_depth || !is_toon_identifier(key)) return 1;
            name += '.';
            name += key;
            inner = inner.nested_element(0);
        }
        for (std::size_t i = 0; i < object.nested_count(); ++i) {
            if (object.nested_name(i) == name) return 1;
        }
        return used;
    }

    /// What follows a key, with the colon; the key's line stands at `level`.
    void after_key(const cell& c, std::size_t level, std::size_t budget) {
        if (is_toon_primitive(c)) {
            out_.put(std::string_view(": "));
            primitive(c);
            return;
        }
        enter();
        if (c.kind() == type_id::structure) {
            if (!try_keyed_table(c, level + 1)) {
                out_.put(':');
                members(c, level + 1, budget);
            }
        } else if (count_of(c) == 0) {
            out_.put(std::string_view(": []"));
        } else if (!try_table(c, level + 1)) {
            plain_array(c, level + 1, budget);
        }
        --nesting_;
    }

    // ---- arrays

    /// A table when the elements allow it: its header from the bracket on, then the rows at `level`.
    bool try_table(const cell& list, std::size_t level) {
        if (list.kind() != type_id::list) return false;
        const std::size_t count = list.nested_count();
        toon_shape shape;
        if (!shape.learn(list.nested_element(0), options_.column_groups)) return false;
        for (std::size_t i = 1; i < count; ++i) {
            if (!shape.fits(list.nested_element(i))) return false;
        }
        put_toon_bracket(out_, count, options_.delimiter, {});
        shape.put_names(out_, options_.delimiter);
        out_.put(':');
        first_line_ = false;
        for (std::size_t i = 0; i < count; ++i) {
            line(level);
            shape.put_row(out_, list.nested_element(i), options_.delimiter);
        }
        return true;
    }

    /// The same for an object whose members are alike.
    bool try_keyed_table(const cell& object, std::size_t level) {
        if (!options_.keyed_tables) return false;
        const std::size_t count = object.nested_count();
        toon_shape shape;
        if (count < 2 || !shape.learn(object.nested_element(0), options_.column_groups)) return false;
        for (std::size_t i = 1; i < count; ++i) {
            if (!shape.fits(object.nested_element(i))) return false;
        }
        put_toon_bracket(out_, count, options_.delimiter, ":");
        shape.put_names(out_, options_.delimiter);
        out_.put(':');
        first_line_ = false;
        for (std::size_t i = 0; i < count; ++i) {
            line(level);
            put_toon_key(out_, object.nested_name(i));
            out_.put(std::string_view(": "));
            shape.put_row(out_, object.nested_element(i), options_.delimiter);
        }
        return true;
    }

    /// An array that is no table, from the bracket on: its values on the same line, or a list with the items at
    /// `level`.
    void plain_array(const cell& c, std::size_t level, std::size_t budget) {
        const std::size_t count = count_of(c);
        put_toon_bracket(out_, count, options_.delimiter, {});
        out_.put(':');
        first_line_ = false;
        if (c.kind() == type_id::vector) {
            vector(c.vector());
            return;
        }
        std::size_t primitives = 0;
        while (primitives < count && is_toon_primitive(c.nested_element(primitives))) ++primitives;
        if (primitives == count) {
            for (std::size_t i = 0; i < count; ++i) {
                out_.put(i == 0 ? ' ' : options_.delimiter);
                primitive(c.nested_element(i));
            }
            return;
        }
        for (std::size_t i = 0; i < count; ++i) {
            line(level);
            item(c.nested_element(i), level, budget);
        }
    }

    void vector(vector_view<float> v) {
        for (std::size_t i = 0; i < v.size(); ++i) {
            out_.put(i == 0 ? ' ' : options_.delimiter);
            put_toon_float(out_, v[i]);
        }
    }

    /// A list item, from its hyphen on, which stands at `level`.
    void item(const cell& c, std::size_t level, std::size_t budget) {
        out_.put('-');
        if (is_toon_primitive(c)) {
            out_.put(' ');
            primitive(c);
            return;
        }
        enter();
        const std::size_t count = count_of(c);
        if (c.kind() != type_id::structure) {
            out_.put(' ');
            if (count == 0) {
                put_toon_bracket(out_, 0, options_.delimiter, {});
                out_.put(':');
            } else {
                plain_array(c, level + 1, budget);
            }
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                if (i == 0)
                    out_.put(' ');
                else
                    line(level + 1);
                member(c, i, level + 1, budget);
            }
        }
        --nesting_;
    }

    toon_output& out_;
    const toon_encode_options& options_;
    bool first_line_ = true;
    std::size_t nesting_ = 0;
};

} // namespace weft::inline v0::detail
