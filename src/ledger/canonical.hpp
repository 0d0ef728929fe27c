// The one way to write an audit entry as bytes, and the hashes over them. Whoever has these bytes, from an
// export for instance, can compute the hashes without us (docs/user/audit.md).
//
// JSON by RFC 8785 (members sorted, no spaces, the shortest escapes) with two limits of our own: whole
// numbers have no fraction and no exponent, other numbers are the shortest decimals that read back as the
// same. https://www.rfc-editor.org/rfc/rfc8785
#pragma once

#include <string>
#include <string_view>

#include "ledger/audit_entry.hpp"

namespace lodestone::ledger {

// Of the text of a JSON object; throws Problem(invalid_input) when it is none, or is not UTF-8.
std::string canonical_json(std::string_view text);

// The entry as a canonical JSON object; `entry.details` is canonical already.
std::string canonical_entry(const AuditEntry& entry);

// SHA-256 over a zero byte and the entry's bytes: the hash of a leaf in a Merkle tree, RFC 6962.
// https://www.rfc-editor.org/rfc/rfc6962#section-2.1
std::string leaf_hash(const AuditEntry& entry);

// SHA-256 over a byte 2, the head before and the leaf, 32 bytes each; in hexadecimal, as the two that it
// takes.
std::string chain_head(std::string_view head, std::string_view leaf);

// The head of a chain without entries: 32 zero bytes.
inline constexpr std::string_view empty_head =
    "0000000000000000000000000000000000000000000000000000000000000000";

}  // namespace lodestone::ledger
