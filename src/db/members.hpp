// The members of a described struct, for code that treats all of them alike.
#pragma once

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "db/query.hpp"

namespace lodestone::db {

template <class Pointer>
struct MemberOf;
template <class Struct, class Field>
struct MemberOf<Field Struct::*> {
    using Owner = Struct;  // the base that declares it, for an inherited member
    using Type = Field;
};

template <class Descriptor>
using FieldType = typename MemberOf<std::remove_cvref_t<decltype(Descriptor::pointer)>>::Type;
template <class Descriptor>
using FieldOwner = typename MemberOf<std::remove_cvref_t<decltype(Descriptor::pointer)>>::Owner;

template <class Struct>
using FieldTypes =
    boost::mp11::mp_transform<FieldType, boost::mp11::mp_rename<Members<Struct>, boost::mp11::mp_list>>;

// Calls visit(name, field) for each; a const struct gives const fields.
template <class Struct, class Visit>
void for_each_member(Struct& object, Visit visit) {
    boost::mp11::mp_for_each<Members<std::remove_const_t<Struct>>>(
        [&](auto member) { visit(std::string_view(member.name), object.*member.pointer); });
}

// References to all of them, in their order.
template <class Struct>
auto member_tuple(const Struct& object) {
    return [&object]<class... Descriptors>(boost::mp11::mp_list<Descriptors...>) {
        return std::tie(object.*Descriptors::pointer...);
    }(boost::mp11::mp_rename<Members<Struct>, boost::mp11::mp_list>{});
}

}  // namespace lodestone::db
