// What the commands of an administrator answer: rows as JSON for scripts, as a table for people. A row is
// made of a noun's described members; secrets are left out.
#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands/command_line.hpp"
#include "base/limits.hpp"
#include "db/members.hpp"
#include "db/noun.hpp"
#include "db/page.hpp"
#include "db/secret.hpp"

namespace lodestone::app {

// By the value's kind: times as RFC 3339, members that hold JSON as that.
void add_member(boost::json::object& row, std::string_view name, const db::Value& value, bool is_time);

template <class Field>
inline constexpr bool is_time_field =
    std::is_same_v<Field, Time> || std::is_same_v<Field, std::optional<Time>>;

template <class Noun>
boost::json::object make_row(const Noun& noun) {
    boost::json::object row;
    db::for_each_member(noun, [&row](std::string_view name, const auto& field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        if constexpr (!db::is_secret<Field>)
            add_member(row, name, db::Codec<Field>::to_value(field), is_time_field<Field>);
    });
    return row;
}

// The table's columns are members of the rows.
using Columns = std::initializer_list<std::string_view>;

// Rows that come page by page: a table, or {"NAME":[…]} with --json. Nothing is held but one page.
class RowPrinter {
  public:
    RowPrinter(Console& console, bool as_json, std::string_view name, Columns columns);
    void print(const std::vector<boost::json::object>& rows);
    void finish();  // says so when there was nothing
    bool has_reader() const { return console_.out.good(); }

  private:
    void print_table(const std::vector<boost::json::object>& rows);

    Console& console_;
    const bool as_json_;
    const std::string name_;
    const std::vector<std::string> columns_;
    std::size_t printed_ = 0;
};

// All pages of a listing, or its first `most` rows; `list` takes a ListRequest. Ends early when nobody reads.
template <class List>
void print_all(RowPrinter printer, db::ListRequest request, List list,
               std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
    do {
        request.limit = std::min(most, limits::page_rows_most);
        const auto page = list(request);
        std::vector<boost::json::object> rows;
        for (const auto& item : page.items) rows.push_back(make_row(item));
        printer.print(rows);
        request.cursor = page.next;
        most -= static_cast<std::int64_t>(page.items.size());
    } while (!request.cursor.empty() && most > 0 && printer.has_reader());
    printer.finish();
}

// The thing that was made or changed: its row with --json, else a sentence.
void print_one(Console& console, bool as_json, const boost::json::object& row, const std::string& sentence);

// All of a thing: its row with --json, else a line for each member.
void print_whole(Console& console, bool as_json, const boost::json::object& row);

}  // namespace lodestone::app
