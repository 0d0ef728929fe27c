// Each form in which clients show a key, and what is none.
#include "identity/gate/credentials.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "support/received_headers.hpp"

namespace lodestone::identity {
namespace {

using State = ShownCredential::State;

ShownCredential shown(std::initializer_list<http::HeaderField> fields) {
    return parse_credentials(test::make_headers(fields));
}

TEST(Credentials, AreReadInEveryForm) {
    const http::HeaderField forms[] = {
        {"Authorization", "Bearer key-1"},
        {"authorization", "bearer   key-1 "},
        {"Authorization", "key-1"},
        {"Authorization", "Basic YW55Ym9keTprZXktMQ=="},  // anybody:key-1
        {"Authorization", "basic YW55Ym9keTprZXktMQ"},
        {"Authorization", "Basic OmtleS0x"},  // :key-1
        {"X-API-Key", "key-1"},
        {"X-NuGet-ApiKey", "key-1"},
        {"X-Authorization", "key-1"},
        {"X-Authorization", "Bearer key-1"},
    };
    for (const http::HeaderField& form : forms) {
        const ShownCredential one = shown({form});
        EXPECT_EQ(one.state, State::one) << form.name << ": " << form.value;
        EXPECT_EQ(one.text, "key-1") << form.name << ": " << form.value;
    }
    EXPECT_TRUE(shown({{"Authorization", "Bearer key-1"}}).is_bearer);
    EXPECT_FALSE(shown({{"X-API-Key", "Bearer key-1"}}).is_bearer);
    EXPECT_EQ(shown({{"Authorization", "Basic YTprZXk6MQ=="}}).text, "key:1")
        << "names end at the first colon";
}

TEST(Credentials, AreRefusedWhenTheyDiffer) {
    EXPECT_EQ(shown({{"Authorization", "Bearer a"}, {"X-API-Key", "b"}}).state, State::contradictory);
    EXPECT_EQ(shown({{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}).state,
              State::contradictory);
    EXPECT_EQ(shown({{"Authorization", "Bearer a"}, {"X-API-Key", "b"}, {"X-NuGet-ApiKey", "a"}}).state,
              State::contradictory);
    const ShownCredential same = shown({{"X-NuGet-ApiKey", "a"}, {"Authorization", "Bearer a"}});
    EXPECT_EQ(same.state, State::one);
    EXPECT_TRUE(same.is_bearer);
    // One that can be read does not hide one that cannot.
    EXPECT_EQ(shown({{"Authorization", "Bearer a"}, {"X-API-Key", ""}}).state, State::unreadable);
    EXPECT_EQ(shown({{"X-API-Key", ""}, {"Authorization", "Bearer a"}}).state, State::unreadable);
}

TEST(Credentials, AreNothingElse) {
    EXPECT_EQ(shown({}).state, State::none);
    EXPECT_EQ(shown({{"Cookie", "session=a"}, {"Proxy-Authorization", "Bearer a"}}).state, State::none);
    const std::string long_one(limits::credential_bytes + 1, 'a');
    const http::HeaderField bad[] = {
        {"Authorization", ""},
        {"Authorization", "Bearer "},
        {"Authorization", "Digest a=b"},
        {"Authorization", "Bearer a b"},
        {"Authorization", "Basic !!!"},
        {"Authorization", "Basic YWJj"},
        {"Authorization", "Basic YTo="},
        {"Authorization", "Bearer \xc3\xa4"},
        {"X-API-Key", "a b"},
        {"X-API-Key", long_one},
        {"Authorization", "Basic "},
    };
    for (const http::HeaderField& field : bad)
        EXPECT_EQ(shown({field}).state, State::unreadable) << field.name << ": " << field.value;
}

}  // namespace
}  // namespace lodestone::identity
