-- Takes 0007_federation back: nobody signs in with a provider any more, and no pipeline is trusted.
DROP TABLE spent_tokens;
DROP TABLE trusted_publishers;
DROP TABLE provider_sign_ins;
DROP TABLE identity_providers;
