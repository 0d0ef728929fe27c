// Under which conditions a policy counts: each compares one fact with what the policy says, and all must
// hold.
//
//   [{"attribute": "address", "operator": "not_in", "value": ["10.0.0.0/8"]},
//    {"attribute": "resource.visibility", "operator": "eq", "value": "internal"},
//    {"attribute": "principal.has_second_factor", "operator": "eq", "value": "true"},
//    {"attribute": "time.hour", "operator": "lt", "value": 6}]
//
//   attribute              operators                        value
//   resource.*             eq ne in not_in lt gt contains   text; a list for in and not_in, a number for lt
//   and gt resource.tags          contains                         a tag principal.*            as resource.*
//   of kind, user, app, key, name, has_second_factor address                in not_in networks time before
//   after                     "2027-01-15T08:00:00Z" time.hour              eq ne in not_in lt gt 0 to 23,
//   UTC time.weekday           eq ne in not_in                  "monday" …, UTC
//
// What a thing does not have equals nothing: eq, in and contains do not hold, ne and not_in do. What is no
// number is neither smaller nor larger, which leaves an allowance unused and a prohibition in force.
#pragma once

#include <boost/describe/enum.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "http/message/network.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/resource.hpp"

namespace lodestone::identity {

struct PolicySet;  // rules/rights.hpp

enum class PolicyEffect : std::uint8_t { allow, deny };
BOOST_DESCRIBE_ENUM(PolicyEffect, allow, deny)

// What is so while somebody asks, besides who it is.
struct Circumstances {
    Time now{};
    std::string address;  // as Peer::address has it
    // What the thing's tenant says to everybody, for whoever is not of it. Null: it was not asked for, and
    // then nothing there is shown to them.
    std::shared_ptr<const PolicySet> house_rules = nullptr;
};

enum class ConditionOperator : std::uint8_t { eq, ne, in, not_in, lt, gt, contains, before, after };
BOOST_DESCRIBE_ENUM(ConditionOperator, eq, ne, in, not_in, lt, gt, contains, before, after)

struct Condition {
    std::string attribute;
    ConditionOperator comparison = ConditionOperator::eq;
    std::vector<std::string> values;  // one, but for in and not_in
    std::vector<http::Network> networks;
    double number = 0;
    Time time{};
};

bool holds(const Condition& condition, PolicyEffect effect, const Principal& principal,
           const Resource& resource, const Circumstances& circumstances);

// Nothing when it cannot be read; then `fault` is a clause: "[0].operator is none of …".
std::optional<std::vector<Condition>> parse_conditions(std::string_view json, std::string& fault);

}  // namespace lodestone::identity
