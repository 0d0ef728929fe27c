// Where reading a document stands and what was wrong with it so far. All faults are told at once, so that
// nobody mends a form field by field.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"

namespace lodestone::api {

class JsonReader {
  public:
    // While it lives, the reader is one level deeper.
    class Step {
      public:
        Step(JsonReader& reader, std::string_view name);
        Step(JsonReader& reader, std::size_t index) : Step(reader, std::to_string(index)) {}
        ~Step() { reader_.pointer_.resize(size_before_); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

      private:
        JsonReader& reader_;
        std::size_t size_before_;
    };

    // The value where the reader stands is not what it has to be. `detail` never repeats the value: it may be
    // secret.
    void fault(std::string detail);
    // Each name of `object` that is none of `known`.
    void check_names(const boost::json::object& object, std::span<const std::string_view> known);
    // Text within the limits and without NUL; null after a fault.
    const boost::json::string* read_text(const boost::json::value& value, std::size_t least_bytes,
                                         std::size_t most_bytes);

    // Throws Problem(invalid_input) when there was a fault.
    void finish();

  private:
    std::string pointer_;
    std::vector<FieldFault> faults_;
    std::size_t fault_count_ = 0;
};

}  // namespace lodestone::api
