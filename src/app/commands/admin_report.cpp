// Tables for people, and JSON for scripts.
#include "app/commands/admin_report.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/json_text.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"

namespace lodestone::app {
namespace {

constexpr std::array json_members{
    std::string_view("config"),  std::string_view("settings"),    std::string_view("metadata"),
    std::string_view("scopes"),  std::string_view("networks"),    std::string_view("contact"),
    std::string_view("address"), std::string_view("permissions"), std::string_view("details")};

// A branch's address is JSON, an audit entry's is not.
boost::json::value json_or_text(std::string_view name, std::string_view text) {
    if (std::ranges::find(json_members, name) != json_members.end()) {
        boost::system::error_code error;
        boost::json::value parsed = boost::json::parse(text, error);
        if (!error) return parsed;
    }
    return boost::json::value(text);
}

// For a cell: on one line, moving no cursor.
std::string cell_of(const boost::json::object& row, const std::string& column) {
    const boost::json::value* value = row.if_contains(column);
    std::string text;
    if (value == nullptr || value->is_null()) return "-";
    const bool is_text = value->is_string();
    append_harmless(text, is_text ? std::string_view(value->get_string()) : boost::json::serialize(*value));
    return text.empty() ? "-" : text;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_cells(std::string& out, const std::vector<std::string>& cells,
                  const std::vector<std::size_t>& widths) {
    for (std::size_t at = 0; at < cells.size(); ++at) {
        out += cells[at];
        if (at + 1 < cells.size()) out.append(widths[at] - width_of(cells[at]) + 2, ' ');
    }
    out += '\n';
}

}  // namespace

void add_member(boost::json::object& row, std::string_view name, const db::Value& value, bool is_time) {
    boost::json::value& place = row[name];
    switch (value.kind) {
        case db::Kind::boolean: place = value.integer != 0; return;
        case db::Kind::integer:
            if (is_time)
                place = render_rfc3339(Time{std::chrono::microseconds{value.integer}});
            else
                place = value.integer;
            return;
        case db::Kind::real: place = value.real; return;
        case db::Kind::text: place = json_or_text(name, value.text); return;
        case db::Kind::null:
        case db::Kind::bytes: place = nullptr; return;
    }
}

RowPrinter::RowPrinter(Console& console, bool as_json, std::string_view name, Columns columns)
    : console_(console), as_json_(as_json), name_(name), columns_(columns.begin(), columns.end()) {}

void RowPrinter::print(const std::vector<boost::json::object>& rows) {
    if (!as_json_) return print_table(rows);
    for (const boost::json::object& row : rows)
        console_.out << (printed_++ == 0 ? "{\"" + name_ + "\":[" : std::string(",\n"))
                     << boost::json::serialize(row);
}

void RowPrinter::print_table(const std::vector<boost::json::object>& rows) {
    if (rows.empty()) return;
    std::vector<std::vector<std::string>> lines;
    if (printed_ == 0) lines.push_back(columns_);
    for (const boost::json::object& row : rows) {
        std::vector<std::string>& cells = lines.emplace_back();
        for (const std::string& column : columns_) cells.push_back(cell_of(row, column));
    }
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const auto& cells : lines)
        for (std::size_t at = 0; at < cells.size(); ++at)
            widths[at] = std::max(widths[at], width_of(cells[at]));
    std::string text;
    for (const auto& cells : lines) append_cells(text, cells, widths);
    console_.out << text;
    printed_ += rows.size();
}

void RowPrinter::finish() {
    if (as_json_)
        console_.out << (printed_ == 0 ? "{\"" + name_ + "\":[" : std::string()) << "]}\n";
    else if (printed_ == 0)
        console_.out << "There are no " << name_ << ".\n";
}

void print_whole(Console& console, bool as_json, const boost::json::object& row) {
    std::string text;
    for (const auto& [name, value] : row)
        if (!value.is_null()) text.append(name).append(": ").append(cell_of(row, name)).append("\n");
    console.out << (as_json ? boost::json::serialize(row) + '\n' : text);
}

void print_one(Console& console, bool as_json, const boost::json::object& row, const std::string& sentence) {
    console.out << (as_json ? boost::json::serialize(row) : sentence) << '\n';
}

}  // namespace lodestone::app
