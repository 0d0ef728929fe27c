// Gathering the uses of keys.
#include "identity/sign_in/key_uses.hpp"

#include "base/limits.hpp"

namespace lodestone::identity {

void KeyUses::note(const TenantId& tenant, const KeyId& key, std::string_view address) {
    const std::lock_guard lock(mutex_);
    auto found = waiting_.find({tenant, key});
    if (found == waiting_.end()) {
        if (waiting_.size() >= limits::key_uses_waiting) return;
        found = waiting_.emplace(std::pair(tenant, key), KeyUse{.tenant_id = tenant, .id = key}).first;
    }
    found->second.last_used_at = clock_.now();
    found->second.last_used_from = address;
}

bool KeyUses::is_due() const {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty() && clock_.steady_now() - written_at_ >= limits::key_use_interval;
}

std::vector<KeyUse> KeyUses::take() {
    const std::lock_guard lock(mutex_);
    std::vector<KeyUse> uses;
    for (auto& [key, use] : waiting_) uses.push_back(std::move(use));
    waiting_.clear();
    written_at_ = clock_.steady_now();
    return uses;
}

void KeyUses::write_now(db::Database& database) {
    const std::vector<KeyUse> uses = take();
    if (!uses.empty()) database.write_now({}, [&uses](db::Tx& tx) { note_key_uses(tx, uses); });
}

}  // namespace lodestone::identity
