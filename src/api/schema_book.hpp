// JSON Schemas of the API's types, collected under their names: what OpenAPI calls components.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace lodestone::api {

struct DescribedMember;

class SchemaBook {
  public:
    // Whether what is described comes in or goes out: what is absent is left out of the one, and null in the
    // other.
    enum class Direction : std::uint8_t { input, output };
    Direction direction = Direction::input;
    bool is_output() const { return direction == Direction::output; }

    // {"$ref": …} to the schema of that name, which the first call makes of `members`.
    std::string refer(std::string_view name, std::span<const DescribedMember> members);
    const std::map<std::string, std::string>& schemas() const { return schemas_; }

  private:
    std::map<std::string, std::string> schemas_;
};

// "NewTenant" of lodestone::api::NewTenant.
template <class T>
constexpr std::string_view type_name() {
    std::string_view text = __PRETTY_FUNCTION__;  // "… [T = lodestone::api::NewTenant]"
    text.remove_prefix(text.rfind("T = ") + 4);
    text = text.substr(0, text.rfind(']'));
    const std::size_t colon = text.rfind(':');
    return colon == text.npos ? text : text.substr(colon + 1);
}

}  // namespace lodestone::api
