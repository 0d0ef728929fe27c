// What a change changed, as JSON for the audit log: {"name":{"from":"Acme","to":"Acme Inc"}}. The id and what
// every noun has (version, times) are left out, and of a Secret only that it changed is told.
#pragma once

#include <string>
#include <string_view>

#include "db/members.hpp"
#include "db/noun.hpp"
#include "db/secret.hpp"

namespace lodestone::db {

class ChangedFields {
  public:
    void add(std::string_view name, const Value& from, const Value& to);
    void add_secret(std::string_view name);
    std::string take();  // the JSON object

  private:
    void begin(std::string_view name);
    std::string json_ = "{";
};

template <class T>
std::string render_changes(const T& before, const T& after) {
    ChangedFields changed;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        using Field = FieldType<decltype(member)>;
        const Field& from = before.*member.pointer;
        const Field& to = after.*member.pointer;
        constexpr bool is_shared = std::is_same_v<FieldOwner<decltype(member)>, Noun>;
        if (is_shared || std::string_view(member.name) == "id" || from == to) return;
        if constexpr (is_secret<Field>)
            changed.add_secret(member.name);
        else
            changed.add(member.name, Codec<Field>::to_value(from), Codec<Field>::to_value(to));
    });
    return changed.take();
}

// Of something new: what it has, where that is not what everything has at first.
template <class T>
std::string render_new(const T& noun) {
    return render_changes(T{}, noun);
}

}  // namespace lodestone::db
