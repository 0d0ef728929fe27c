// A small OpenID provider inside the test, with keys of its own: discovery, keys and the token endpoint,
// which checks what a real one checks. The person at the browser is the test.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "identity/federation/proof_key.hpp"
#include "support/issuer.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::test {

// "a=b&c=d" with its escapes undone.
inline std::map<std::string, std::string> read_form(std::string_view text) {
    std::map<std::string, std::string> fields;
    std::string name;
    std::string value;
    bool is_name = true;
    const auto add = [&] { fields[std::exchange(name, {})] = std::exchange(value, {}), is_name = true; };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '&') {
            add();
        } else if (text[at] == '=' && is_name) {
            is_name = false;
        } else if (text[at] == '%') {
            (is_name ? name : value) +=
                static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            (is_name ? name : value) += text[at];
        }
    }
    add();
    return fields;
}

class OpenIdProvider {
  public:
    explicit OpenIdProvider(const Clock& clock) : clock_(clock) {}

    std::string issuer() const { return server_.url(""); }
    // The person agrees to what the browser was sent with: the code that the provider sends it back with.
    // `claims` is what the provider knows of the person, beside what every token says.
    std::string agree(const std::map<std::string, std::string>& question, boost::json::object claims) {
        const std::lock_guard lock(mutex_);
        const std::string code = "code-" + std::to_string(++codes_);
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
        const boost::json::object usual{{"iss", issuer()},
                                        {"aud", question.at("client_id")},
                                        {"nonce", question.at("nonce")},
                                        {"iat", now},
                                        {"exp", now + 300}};
        for (const auto& claim : usual)
            if (!claims.contains(claim.key())) claims[claim.key()] = claim.value();
        granted_[code] = {question, signer_->sign(boost::json::serialize(claims))};
        return code;
    }
    void sign_with(const SigningKey& other) { signer_ = &other; }
    std::string last_authorization() {
        const std::lock_guard lock(mutex_);
        return last_authorization_;
    }
    std::map<std::string, std::string> last_form() {
        const std::lock_guard lock(mutex_);
        return last_form_;
    }

  private:
    struct Grant {
        std::map<std::string, std::string> question;
        std::string token;
    };

    void serve(ScriptedPeer& peer) {
        for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
            if (head.starts_with("GET /.well-known/"))
                peer.answer(R"({"issuer":")" + issuer() + R"(","jwks_uri":")" + issuer() +
                            R"(/keys","authorization_endpoint":")" + issuer() +
                            R"(/authorize","token_endpoint":")" + issuer() + R"(/token"})");
            else if (head.starts_with("GET /keys"))
                peer.answer(key_.key_set());
            else if (head.starts_with("POST /token "))
                redeem(peer, head);
            else
                peer.answer("", "404 Not Found");
        }
    }
    static std::string field_of(const std::string& head, const std::string& name) {
        const auto at = head.find("\r\n" + name + ": ");
        if (at == head.npos) return {};
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    void redeem(ScriptedPeer& peer, const std::string& head) {
        const auto form = read_form(peer.read_bytes(std::stoul(field_of(head, "Content-Length"))));
        const std::lock_guard lock(mutex_);
        last_authorization_ = field_of(head, "Authorization");
        last_form_ = form;
        const auto grant = granted_.find(form.at("code"));
        const bool is_right = grant != granted_.end() && form.at("grant_type") == "authorization_code" &&
                              form.at("redirect_uri") == grant->second.question.at("redirect_uri") &&
                              grant->second.question.at("code_challenge_method") == "S256" &&
                              identity::render_challenge(form.at("code_verifier")) ==
                                  grant->second.question.at("code_challenge");
        if (!is_right) return peer.answer(R"({"error":"invalid_grant"})", "400 Bad Request");
        peer.answer(R"({"access_token":"x","token_type":"Bearer","id_token":")" + grant->second.token +
                    "\"}");
        granted_.erase(grant);
    }

    const Clock& clock_;
    SigningKey key_{KeyType::p256};
    const SigningKey* signer_ = &key_;
    std::mutex mutex_;  // for what follows
    std::map<std::string, Grant> granted_;
    std::string last_authorization_;
    std::map<std::string, std::string> last_form_;
    int codes_ = 0;
    ScriptedServer server_{[this](ScriptedPeer& peer) { serve(peer); }};  // last: its threads use the rest
};

}  // namespace lodestone::test
