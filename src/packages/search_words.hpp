// Words by which packages are found: what a text is cut into is decided here, for what is stored and for what
// is asked, and not by the engines, which would do it each in its own way. A word is letters and digits of
// any script, folded; all else separates, so no word is anything but itself to an engine's query language.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/tenant_id.hpp"
#include "db/statement.hpp"

namespace lodestone::packages {

// Each word once, in the order of their coming, at most `most` of them. What is longer than
// limits::search_word_bytes is cut; Chinese and Japanese, which have no spaces, go by characters.
std::vector<std::string> split_words(std::string_view text, std::size_t most);
std::string join_words(std::span<const std::string> words);

// Stands among the words of each of a tenant's packages, and is none that anybody can ask for.
std::string tenant_word(const TenantId& tenant);

// In the engine's query language: what has the tenant's word, and others that begin with each of these.
std::string render_match(db::EngineKind engine, const TenantId& tenant, std::span<const std::string> words);

}  // namespace lodestone::packages
