// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/auth/authenticator.hpp>

#include "bytes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace auth = weft::mysql::auth;
using auth::auth_step;
using test::hex;
using test::nonce;
using weft::blob;
using weft::to_hex;

namespace {

blob counting(std::size_t size) {
    blob b(size);
    for (std::size_t i = 0; i < size; ++i) b[i] = static_cast<std::byte>(i);
    return b;
}

struct key_pair {
    key_pair() : key(EVP_RSA_gen(2048)) {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(out, key);
        char* text = nullptr;
        const long size = BIO_get_mem_data(out, &text);
        pem.assign(text, static_cast<std::size_t>(size));
        BIO_free(out);
    }
    key_pair(const key_pair&) = delete;
    key_pair& operator=(const key_pair&) = delete;
    ~key_pair() { EVP_PKEY_free(key); }

    // What the server makes of an encrypted password: the password and its NUL.
    std::string decrypt(const blob& sent) const {
        EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
        EVP_PKEY_decrypt_init(context);
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
        std::string plain(256, '\0');
        std::size_t size = plain.size();
        const int code = EVP_PKEY_decrypt(context, reinterpret_cast<unsigned char*>(plain.data()), &size,
                                          reinterpret_cast<const unsigned char*>(sent.data()), sent.size());
        EVP_PKEY_CTX_free(context);
        REQUIRE(code == 1);
        plain.resize(size);
        const blob n = nonce();
        for (std::size_t i = 0; i < size; ++i) plain[i] = static_cast<char>(plain[i] ^ static_cast<char>(n[i % 20]));
        return plain;
    }

    EVP_PKEY* key;
    std::string pem;
};

template <class F>
weft::error caught(F&& f) {
    try {
        f();
    } catch (const weft::error& e) {
        return e;
    }
    FAIL("no error");
    throw 0;
}

} // namespace

TEST_CASE("scrambles have the published values") {
    CHECK(to_hex(auth::native_password_response("secret", nonce())) == "b32bb3a583e1340c0a1108d58b1be49781ad8c2f");
    CHECK(to_hex(auth::caching_sha2_response("secret", nonce())) ==
          "746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9");
    CHECK(to_hex(auth::obfuscated_password("secret", nonce()).view()) == "72676076607207");
    // a switch request's nonce has a NUL at its end, which does not count
    blob with_nul = nonce();
    with_nul.push_back(std::byte{0});
    CHECK(auth::caching_sha2_response("secret", with_nul) == auth::caching_sha2_response("secret", nonce()));
    CHECK_THROWS_AS(auth::native_password_response("secret", weft::blob_view(with_nul).first(19)),
                    weft::operational_error);
}

TEST_CASE("client_ed25519 has the published values") {
    const auto sign = [](std::string_view password) {
        return to_hex(auth::ed25519_sign(weft::as_blob(password), counting(32)));
    };
    CHECK(sign("secret") == "546c3e9311d19ee389d1ae5d945821bfe459423910136f16b3bd2ae89fd7d63b449e689f4be812891a85b8f999"
                            "076446d92adb83d0707215aaa60b5a23220907");
    CHECK(sign("") == "1e7e2c09c0c0e5f755a202872d95c85c4b14d23a888e9c40a0e9323e1ed28dd4aee4a8197c2d2ca26942bf6496d61c60"
                      "c63661959ab57706eb0bfda05749ad0f");
}

TEST_CASE("with a 32-byte seed the signature is the standard's") {
    // RFC 8032, section 7.1, tests 1 to 3
    CHECK(
        to_hex(auth::ed25519_sign(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), {})) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b");
    CHECK(
        to_hex(
            auth::ed25519_sign(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), hex("72"))) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
        "eeb00d291612bb0c00");

    // and OpenSSL signs the same
    for (std::size_t i = 0; i < 50; ++i) {
        blob seed(32);
        REQUIRE(RAND_bytes(reinterpret_cast<unsigned char*>(seed.data()), 32) == 1);
        const blob message = counting(i * 7);
        EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                                     reinterpret_cast<const unsigned char*>(seed.data()), 32);
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        auth::ed25519_signature theirs{};
        std::size_t size = theirs.size();
        REQUIRE(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key) == 1);
        REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(theirs.data()), &size,
                               reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        CHECK(to_hex(auth::ed25519_sign(seed, message)) == to_hex(theirs));
    }
}

TEST_CASE("parsec signs both nonces with the derived key") {
    const blob client = hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
    const blob sent = hex("50 01 0001020304050607");
    const auth::parsec_salt salt = auth::decode_parsec_salt(sent);
    CHECK(salt.iterations == 2048);
    CHECK(salt.salt.size() == 8);
    const blob response = auth::parsec_response("secret", counting(32), salt, client);
    REQUIRE(response.size() == 96);
    CHECK(to_hex(weft::blob_view(response).first(32)) == to_hex(client));

    // verified as the server does: with the public key of the derived seed
    blob seed(32);
    PKCS5_PBKDF2_HMAC("secret", 6, reinterpret_cast<const unsigned char*>(salt.salt.data()), 8, 2048, EVP_sha512(), 32,
                      reinterpret_cast<unsigned char*>(seed.data()));
    EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                                 reinterpret_cast<const unsigned char*>(seed.data()), 32);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    blob message = counting(32);
    message.insert(message.end(), client.begin(), client.end());
    REQUIRE(EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1);
    CHECK(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(response.data()) + 32, 64,
                           reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);

    CHECK_THROWS_AS(auth::decode_parsec_salt(hex("51 00 00")), weft::operational_error);
    CHECK_THROWS_AS(auth::decode_parsec_salt(hex("50 1f 00")), weft::operational_error); // hours of work
    CHECK_THROWS_AS(auth::decode_parsec_salt({}), weft::operational_error);
}

TEST_CASE("the greeting's plugin is answered when it needs a nonce only") {
    auth::authenticator a("secret", {});
    blob out;
    CHECK(a.answer_greeting("mysql_native_password", nonce(), out) == "mysql_native_password");
    CHECK(to_hex(out) == "b32bb3a583e1340c0a1108d58b1be49781ad8c2f");
    for (const char* plugin : {"auth_gssapi_client", "mysql_clear_password", "dialog", "parsec", ""}) {
        out.clear();
        CHECK(a.answer_greeting(plugin, nonce(), out).empty());
        CHECK(out.empty());
    }
    auth::authenticator nobody("", {});
    for (const char* plugin : {"mysql_native_password", "caching_sha2_password"}) {
        CHECK(nobody.answer_greeting(plugin, nonce(), out) == plugin);
        CHECK(out.empty());
    }
    CHECK(nobody.answer_greeting("sha256_password", nonce(), out) == "sha256_password");
    CHECK(to_hex(out) == "00");
}

TEST_CASE("caching_sha2_password: cached, over a secure channel, and with the server's key") {
    const auto start = [](auth::authenticator& a) {
        blob out;
        CHECK(a.start("caching_sha2_password", nonce(), out) == auth_step::send);
        CHECK(out.size() == 32);
    };
    SECTION("cached") {
        auth::authenticator a("secret", {});
        start(a);
        blob out;
        CHECK(a.more(hex("01 03"), out) == auth_step::wait);
        CHECK(out.empty());
    }
    SECTION("secure") {
        auth::authenticator a("secret", {.secure_channel = true});
        start(a);
        blob out;
        CHECK(a.more(hex("01 04"), out) == auth_step::send);
        CHECK(weft::as_text(out) == std::string("secret\0", 7));
    }
    SECTION("encrypted") {
        const key_pair server;
        auth::authenticator a("secret", {});
        start(a);
        blob out;
        CHECK(a.more(hex("01 04"), out) == auth_step::send);
        CHECK(to_hex(out) == "02");
        out.clear();
        CHECK(a.more(weft::as_blob("\x01" + server.pem), out) == auth_step::send);
        CHECK(out.size() == 256);
        CHECK(server.decrypt(out) == std::string("secret\0", 7));
        CHECK(caught([&] { a.more(hex("01 09"), out); }).diagnostics().code == 2061);
    }
    SECTION("with a key known beforehand") {
        const key_pair server;
        auth::authenticator a("secret", {.server_public_key = server.pem, .request_server_key = false});
        start(a);
        blob out;
        CHECK(a.more(hex("01 04"), out) == auth_step::send);
        CHECK(server.decrypt(out) == std::string("secret\0", 7));
    }
    SECTION("refused without one") {
        auth::authenticator a("secret", {.request_server_key = false});
        start(a);
        blob out;
        CHECK(caught([&] { a.more(hex("01 04"), out); }).diagnostics().code == 2061);
        CHECK(out.empty());
    }
    SECTION("a key that is none") {
        auth::authenticator a("secret", {});
        start(a);
        blob out;
        a.more(hex("01 04"), out);
        CHECK_THROWS_AS(a.more(weft::as_blob("\x01no key"), out), weft::operational_error);
        CHECK_THROWS_AS(auth::rsa_encrypted_password(std::string(300, 'x'), nonce(), key_pair().pem),
                        weft::operational_error);
    }
}

TEST_CASE("sha256_password") {
    const key_pair server;
    auth::authenticator open("secret", {});
    blob out;
    CHECK(open.start("sha256_password", nonce(), out) == auth_step::send);
    CHECK(to_hex(out) == "01");
    out.clear();
    CHECK(open.more(weft::as_blob("\x01" + server.pem), out) == auth_step::send);
    CHECK(server.decrypt(out) == std::string("secret\0", 7));

    auth::authenticator closed("secret", {.secure_channel = true});
    out.clear();
    CHECK(closed.start("sha256_password", nonce(), out) == auth_step::send);
    CHECK(weft::as_text(out) == std::string("secret\0", 7));
}

TEST_CASE("a password in clear text needs a secure channel or the user's word") {
    blob out;
    auth::authenticator refused("secret", {});
    const weft::error e = caught([&] { refused.start("mysql_clear_password", {}, out); });
    CHECK(e.diagnostics().code == 2061);
    CHECK(e.diagnostics().message.find("mysql_clear_password") != std::string::npos);
    CHECK(e.diagnostics().message.find("secret") == std::string::npos);
    CHECK(out.empty());
    for (const auth::auth_options& options :
         {auth::auth_options{.secure_channel = true}, auth::auth_options{.allow_cleartext = true}}) {
        out.clear();
        CHECK(auth::authenticator("p\xC3\xA4ss", options).start("mysql_clear_password", {}, out) == auth_step::send);
        CHECK(weft::as_text(out) == std::string("p\xC3\xA4ss\0", 6));
    }
    out.clear();
    auth::authenticator split(std::string_view("a\0b", 3), {.secure_channel = true});
    CHECK_THROWS_AS(split.start("mysql_clear_password", {}, out), weft::operational_error);
}

TEST_CASE("dialog answers questions until the server ends it") {
    struct handler final : auth::prompt_handler {
        std::string answer(std::string_view prompt, bool echo) override {
            asked += std::string(prompt) + (echo ? "+" : "-");
            return "4711";
        }
        std::string asked;
    } questions;
    auth::authenticator a("secret", {.secure_channel = true, .prompts = &questions});
    blob out;
    CHECK(a.start("dialog", weft::as_blob("\x04Password: "), out) == auth_step::send);
    CHECK(weft::as_text(out) == std::string("secret\0", 7));
    out.clear();
    CHECK(a.more(weft::as_blob("\x02One-time code: "), out) == auth_step::send);
    CHECK(weft::as_text(out) == std::string("4711\0", 5));
    CHECK(questions.asked == "One-time code: +");

    auth::authenticator alone("secret", {.secure_channel = true});
    out.clear();
    CHECK(alone.start("dialog", {}, out) == auth_step::wait);
    CHECK(caught([&] {
              alone.more(weft::as_blob("\x02"
                                       "Code: "),
                         out);
          })
              .diagnostics()
              .code == 2061);
}

TEST_CASE("ed25519 and parsec through the authenticator") {
    auth::authenticator a("secret", {});
    blob out;
    CHECK(a.start("client_ed25519", counting(32), out) == auth_step::send);
    CHECK(out.size() == 64);
    CHECK(caught([&] { a.more(hex("01 00"), out); }).diagnostics().code == 2061);
    out.clear();
    CHECK(a.start("parsec", counting(32), out) == auth_step::send);
    CHECK(out.empty());
    CHECK(a.more(hex("50 00 aabbccddeeff"), out) == auth_step::send);
    CHECK(out.size() == 96);
}

TEST_CASE("an unknown plugin is named") {
    auth::authenticator a("secret", {});
    blob out;
    const weft::error e = caught([&] { a.start("auth_gssapi_client", {}, out); });
    CHECK(e.kind() == weft::errc::operational_error);
    CHECK(e.diagnostics().code == 2059);
    CHECK(e.diagnostics().message.find("auth_gssapi_client") != std::string::npos);
}
