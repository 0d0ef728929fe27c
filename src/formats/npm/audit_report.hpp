// What clients of before the bulk endpoint are answered: a report about the tree that they sent.
#pragma once

#include <string>
#include <vector>

#include "formats/npm/audit_request.hpp"

namespace lodestone::formats::npm {

// {"actions":[…],"advisories":{…},"muted":[],"metadata":{…}}, with npm_audit_all_paths at most. Both throw
// Problem(invalid_input) where that would take too long.
std::string render_audit_report(const AuditTree& tree, const std::vector<packages::AdvisoryHit>& hits);

// {"left-pad":[{…}]}: of the bulk endpoint.
std::string render_bulk_advisories(const std::vector<packages::AdvisoryHit>& hits);

}  // namespace lodestone::formats::npm
