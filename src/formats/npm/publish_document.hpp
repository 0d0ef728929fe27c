// The document that publishes a version of a package, or changes what was published, without its tarball.
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
// Pure: text in, facts out.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lodestone::formats::npm {

// A whole document, as clients write it and send it back.
struct PackageDocument {
    std::string name;
    std::optional<std::string> revision;  // of what the client has read
    boost::json::object versions;
    std::vector<std::pair<std::string, std::string>> tags;  // and the versions that they name
    std::optional<boost::json::object> attachments;
    bool has_versions = false;  // who changes maintainers alone sends none
};

// Throws Problem(invalid_input).
PackageDocument parse_package_document(std::string_view text);

// What is published by such a document: the version whose tarball is attached. Clients that were told 409
// send all versions again, of which the others say nothing here.
struct PublishedVersion {
    std::string name;
    std::string version;           // without its build
    boost::json::object manifest;  // as the client describes it
    std::vector<std::string> tags;
    std::string integrity;  // what the client says that the tarball is; empty: it does not
    std::string shasum;
    std::optional<std::uint64_t> size_bytes;
    std::string bundle;  // of an attestation, JSON; empty: there is none
    std::string bundle_type;
};

// `name` is the address's. Throws Problem(invalid_input) where the two do not agree, or there is no tarball.
PublishedVersion find_published_version(PackageDocument document, std::string_view name);

}  // namespace lodestone::formats::npm
