// Attestations: https://peps.python.org/pep-0740/. Their form is verified, and that they are about the file
// that they come with; who signed them is for those to judge who know whom they trust.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"

namespace lodestone::formats::pypi {

struct Attestation {
    std::string predicate_type;
    std::string text;  // JSON, as it is served
};

// What an upload brings: a JSON list of attestations about this file. Throws Problem(invalid_input) with a
// sentence that begins "The attestations ".
std::vector<Attestation> parse_attestations(std::string_view text, std::string_view file_name,
                                            const Sha256& sha256);

// The provenance object of a file, with who published it.
std::string render_provenance(const std::vector<Attestation>& attestations, std::string_view publisher);

}  // namespace lodestone::formats::pypi
