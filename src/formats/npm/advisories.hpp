// What advisories mean to npm's clients: versions as loosely as they are written there, ranges as
// node-semver reads them, and numbers where advisories have names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "packages/find_advisories.hpp"

namespace lodestone::formats::npm {

extern const packages::Ecosystem ecosystem;

// "1.2", "v1.2.3" and "1.2.3" are versions here.
std::optional<std::strong_ordering> compare_loosely(std::string_view one, std::string_view other);

// ">=1.0.0 <1.2.3 || >=2.0.0 <2.0.5 || 3.0.0"; "*" of all there are.
std::string render_affected_range(const packages::AdvisoryHit& hit);
// Those that are well again: ">=1.2.3 <2.0.0 || >=2.0.5"; "<0.0.0" where none is.
std::string render_patched_range(const packages::AdvisoryHit& hit);

// Clients know an advisory about a package by a number: of the SHA-256 of its id, a NUL and the package's
// name the first 48 bits. So it stays what it is, wherever the advisory was imported.
std::uint64_t advisory_number(const packages::AdvisoryHit& hit);

// Where an advisory does not say how bad it is, clients take it for "high" themselves.
std::string_view severity_of(const packages::AdvisoryHit& hit);

// {"id":…,"url":…,"title":…,"severity":…,"vulnerable_versions":…,"cwe":[…],"cvss":{…}
// and no brace at its end: there may be more to say.
std::string render_advisory(const packages::AdvisoryHit& hit);

}  // namespace lodestone::formats::npm
