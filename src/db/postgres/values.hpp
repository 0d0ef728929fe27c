// Values on their way to PostgreSQL and back, in its binary formats:
// https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES
#pragma once

#include <array>
#include <string>
#include <vector>

#include "db/postgres/fault.hpp"
#include "db/session.hpp"

namespace lodestone::db {

// The types by which statements' parameters are declared.
std::vector<Oid> parameter_types(std::span<const Kind> kinds);

// Parameters as libpq wants them; the texts stay the caller's. Kept for its memory.
class Parameters {
  public:
    // Throws DatabaseError(wrong_value) for what no server takes.
    void bind(std::span<const Value> values);
    int count() const { return static_cast<int>(pointers_.size()); }
    const char* const* values() const { return pointers_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

  private:
    std::vector<std::array<char, 8>> numbers_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

// An answer, held whole. A column of a type that cannot be what is asked of it throws
// DatabaseError(statement).
class ResultRows final : public Rows {
  public:
    void reset(ResultPointer result, std::vector<int>& places);
    bool is_open() const { return result_ != nullptr; }

    bool next() override { return ++row_ < row_count_; }
    int column_count() const override { return PQnfields(result_.get()); }
    std::string_view column_name(int column) const override { return PQfname(result_.get(), column); }
    std::vector<int>& places() override { return *places_; }
    void finish() noexcept override { result_.reset(); }

    bool is_null(int column) const override { return PQgetisnull(result_.get(), row_, column) != 0; }
    bool boolean(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    std::span<const std::byte> bytes(int column) const override;

  private:
    std::string_view raw(int column) const;
    [[noreturn]] void refuse(int column, std::string_view wanted) const;

    ResultPointer result_;
    std::vector<int>* places_ = nullptr;
    int row_ = -1;
    int row_count_ = 0;
};

}  // namespace lodestone::db
