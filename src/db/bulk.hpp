// Many rows with one statement: they go in as one JSON array, so that the statement's text and its plan are
// the same for one row and for a thousand.
//
//     const db::BulkCommand<Event> insert_all{
//         "event.insert_all", {"INSERT INTO … SELECT … FROM jsonb_to_recordset($1::jsonb) AS r(id text, …)",
//                              "INSERT INTO … SELECT value->>'id', … FROM json_each($1)"}};
//     db::run_bulk(tx, insert_all, events);
#pragma once

#include <span>
#include <string>

#include "base/limits.hpp"
#include "db/members.hpp"
#include "db/tx.hpp"
#include "db/value_json.hpp"

namespace lodestone::db {

// $1 is a JSON array with an object for each row: the described struct's members by name.
template <class Row>
class BulkCommand : public Command<std::string> {
  public:
    using Command<std::string>::Command;
};

template <class Row>
void append_json_row(std::string& out, const Row& row) {
    char separator = '{';
    for_each_member(row, [&](std::string_view name, const auto& field) {
        out += separator;
        separator = ',';
        out += '"';
        out += name;  // a C++ identifier: nothing to escape
        out += "\":";
        append_json(out, Codec<std::remove_cvref_t<decltype(field)>>::to_value(field));
    });
    out += '}';
}

// The next statement's parameter: as many rows as one may take. They are taken off `rows`.
template <class Row>
std::string take_json_rows(std::span<const Row>& rows) {
    std::string array;
    std::size_t taken = 0;
    while (taken < rows.size() && taken < limits::bulk_rows && array.size() < limits::bulk_bytes) {
        array += taken == 0 ? '[' : ',';
        append_json_row(array, rows[taken++]);
    }
    rows = rows.subspan(taken);
    array += ']';
    return array;
}

// How many rows were touched. Sent in pieces, so that no statement is larger than the limits say.
template <class Row>
std::int64_t run_bulk(Tx& tx, const BulkCommand<Row>& command, std::span<const Row> rows) {
    std::int64_t touched = 0;
    while (!rows.empty()) touched += tx.run(command, take_json_rows(rows));
    return touched;
}

// The same for rows that nobody counts: costs no round trip of its own (Tx::send).
template <class Row>
void send_bulk(Tx& tx, const BulkCommand<Row>& command, std::span<const Row> rows) {
    while (!rows.empty()) tx.send(command, take_json_rows(rows));
}

}  // namespace lodestone::db
