// The formats that repositories can be of, for whoever makes one or writes down how clients find it.
#include "api/formats.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "packages/format.hpp"

namespace lodestone::api {

struct FormatView {
    std::string name;
    std::string title;
    std::string address;  // of a repository, with {tenant} and {repository} to be filled in
    std::string guide;    // the page of the documents for users
    std::vector<packages::RepositoryKind> kinds;  // that its repositories can be of
};
BOOST_DESCRIBE_STRUCT(FormatView, (), (name, title, address, guide, kinds))

struct FormatsView {
    std::vector<FormatView> formats;
};
BOOST_DESCRIBE_STRUCT(FormatsView, (), (formats))

namespace {

Task<Shown<FormatsView>> list_formats(Call&) {
    Shown<FormatsView> shown;
    for (const packages::Format* one : packages::served_formats())
        shown.view.formats.push_back({.name = std::string(one->name),
                                      .title = std::string(one->title),
                                      .address = std::string(one->mount),
                                      .guide = std::string(one->guide),
                                      .kinds = {one->kinds.begin(), one->kinds.end()}});
    co_return shown;
}

constexpr Endpoint endpoints[] = {
    endpoint<list_formats>(http::Method::get, "/api/v1/formats", Access::open, "listFormats",
                           "Lists the formats that repositories can be of."),
};

}  // namespace

std::span<const Endpoint> format_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
