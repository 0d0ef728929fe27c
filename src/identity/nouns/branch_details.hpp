// Where a branch is, whom to call there, and how it lives; kept as JSON in its row.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::identity {

struct BranchAddress {
    std::optional<std::string> street;
    std::optional<std::string> city;
    std::optional<std::string> state;
    std::optional<std::string> country;
    std::optional<std::string> postal;
    std::optional<double> latitude;
    std::optional<double> longitude;
    bool operator==(const BranchAddress&) const = default;
};
BOOST_DESCRIBE_STRUCT(BranchAddress, (), (street, city, state, country, postal, latitude, longitude))

struct BranchContact {
    std::optional<std::string> phone;
    std::optional<std::string> email;
    std::optional<std::string> fax;
    bool operator==(const BranchContact&) const = default;
};
BOOST_DESCRIBE_STRUCT(BranchContact, (), (phone, email, fax))

struct BranchSettings {
    std::optional<std::string> timezone;  // "Europe/Berlin"
    std::optional<std::string> currency;  // ISO 4217: "EUR"
    std::optional<std::string> language;  // BCP 47: "de-CH"
    boost::json::object business_hours;   // the client's own, as are features
    boost::json::object features;
    bool operator==(const BranchSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(BranchSettings, (), (timezone, currency, language, business_hours, features))

// Of JSON text. Refuse with a Problem (invalid_input) that names the field.
BranchAddress parse_branch_address(std::string_view text);
BranchContact parse_branch_contact(std::string_view text);
BranchSettings parse_branch_settings(std::string_view text);

}  // namespace lodestone::identity
