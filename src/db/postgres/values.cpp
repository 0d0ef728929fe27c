// Big-endian numbers, texts and bytes as they are, by the object identifiers of PostgreSQL's own types.
#include "db/postgres/values.hpp"

#include <bit>

#include "base/limits.hpp"

namespace lodestone::db {

namespace {

constexpr Oid bool_type = 16, bytea_type = 17, int8_type = 20, int2_type = 21, int4_type = 23, text_type = 25,
              float4_type = 700, float8_type = 701, jsonb_type = 3802;
// What arrives as plain text: "char", name, text, json, xml, unknown, bpchar, varchar.
constexpr Oid text_types[] = {18, 19, 25, 114, 142, 705, 1042, 1043};

constexpr Oid type_of(Kind kind) {
    switch (kind) {
        case Kind::boolean: return bool_type;
        case Kind::integer: return int8_type;
        case Kind::real: return float8_type;
        case Kind::bytes: return bytea_type;
        case Kind::null:
        case Kind::text: break;
    }
    return text_type;
}

void write_big_endian(std::uint64_t number, std::array<char, 8>& out) {
    for (std::size_t at = 8; at-- > 0; number >>= 8) out[at] = static_cast<char>(number & 0xff);
}

std::uint64_t read_big_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

}  // namespace

std::vector<Oid> parameter_types(std::span<const Kind> kinds) {
    std::vector<Oid> types;
    for (const Kind kind : kinds) types.push_back(type_of(kind));
    return types;
}

void Parameters::bind(std::span<const Value> values) {
    numbers_.resize(values.size());
    pointers_.resize(values.size());
    lengths_.resize(values.size());
    formats_.assign(values.size(), 1);
    for (std::size_t at = 0; at < values.size(); ++at) {
        const Value& value = values[at];
        std::array<char, 8>& number = numbers_[at];
        pointers_[at] = number.data();
        lengths_[at] = 8;
        switch (value.kind) {
            case Kind::null: pointers_[at] = nullptr; break;
            case Kind::boolean:
                number[0] = value.integer != 0 ? 1 : 0;
                lengths_[at] = 1;
                break;
            case Kind::integer: write_big_endian(static_cast<std::uint64_t>(value.integer), number); break;
            case Kind::real: write_big_endian(std::bit_cast<std::uint64_t>(value.real), number); break;
            case Kind::text:
            case Kind::bytes:
                if (value.text.size() > limits::database_value_bytes)
                    throw DatabaseError(Failure::wrong_value, "A value is too large for one parameter.");
                if (!value.text.empty()) pointers_[at] = value.text.data();
                lengths_[at] = static_cast<int>(value.text.size());
                break;
        }
    }
}

void ResultRows::reset(ResultPointer result, std::vector<int>& places) {
    result_ = std::move(result);
    places_ = &places;
    row_ = -1;
    row_count_ = PQntuples(result_.get());
}

std::string_view ResultRows::raw(int column) const {
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

void ResultRows::refuse(int column, std::string_view wanted) const {
    throw DatabaseError(Failure::statement, "The column " + std::string(column_name(column)) + " of type " +
                                                std::to_string(PQftype(result_.get(), column)) +
                                                (is_null(column) ? ", null here," : "") + " was read as " +
                                                std::string(wanted));
}

bool ResultRows::boolean(int column) const {
    if (PQftype(result_.get(), column) != bool_type || is_null(column)) refuse(column, "a boolean");
    return raw(column)[0] != 0;
}

std::int64_t ResultRows::integer(int column) const {
    const std::string_view bytes = raw(column);
    const Oid type = PQftype(result_.get(), column);
    if (!bytes.empty() && type == int8_type) return static_cast<std::int64_t>(read_big_endian(bytes));
    if (!bytes.empty() && type == int4_type) return static_cast<std::int32_t>(read_big_endian(bytes));
    if (!bytes.empty() && type == int2_type) return static_cast<std::int16_t>(read_big_endian(bytes));
    refuse(column, "an integer");
}

double ResultRows::real(int column) const {
    const std::string_view bytes = raw(column);
    const Oid type = PQftype(result_.get(), column);
    if (!bytes.empty() && type == float8_type) return std::bit_cast<double>(read_big_endian(bytes));
    if (!bytes.empty() && type == float4_type)
        return std::bit_cast<float>(static_cast<std::uint32_t>(read_big_endian(bytes)));
    refuse(column, "a number");
}

std::string_view ResultRows::text(int column) const {
    const Oid type = PQftype(result_.get(), column);
    if (is_null(column)) refuse(column, "a text");
    if (type == jsonb_type) return raw(column).substr(1);  // the first byte is the format's version
    for (const Oid known : text_types)
        if (type == known) return raw(column);
    refuse(column, "a text");
}

std::span<const std::byte> ResultRows::bytes(int column) const {
    if (PQftype(result_.get(), column) != bytea_type || is_null(column)) refuse(column, "bytes");
    const std::string_view bytes = raw(column);
    return {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}

}  // namespace lodestone::db
