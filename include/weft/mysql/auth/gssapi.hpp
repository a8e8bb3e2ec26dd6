// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Logins with a Kerberos ticket: MariaDB's plugin `auth_gssapi_client`. Not part of `weft/mysql.hpp`: programs that
/// include it link `weft::gssapi`.

#include <weft/mysql/auth/plugin.hpp>
#include <weft/mysql/protocol/error.hpp>

#include <gssapi/gssapi.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::mysql::auth {

namespace detail {

[[noreturn]] inline void throw_gssapi(std::string text) {
    protocol::throw_mysql(protocol::client_error::auth_plugin_error, "auth_gssapi_client: " + std::move(text));
}

/// What the library says about a status: all messages of both codes.
inline std::string gssapi_message(OM_uint32 major, OM_uint32 minor) {
    std::string text;
    const auto append = [&](OM_uint32 code, int type) {
        OM_uint32 more = 0;
        do {
            OM_uint32 ignored = 0;
            gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
            if (GSS_ERROR(::gss_display_status(&ignored, code, type, GSS_C_NO_OID, &more, &message)) != 0) return;
            if (!text.empty()) text += "; ";
            text.append(static_cast<const char*>(message.value), message.length);
            ::gss_release_buffer(&ignored, &message);
        } while (more != 0);
    };
    append(major, GSS_C_GSS_CODE);
    if (minor != 0) append(minor, GSS_C_MECH_CODE);
    return text;
}

/// One security context, from the first token to the last.
class gssapi_login final : public plugin_login {
public:
    explicit gssapi_login(std::string principal) : principal_(std::move(principal)) {}
    gssapi_login(const gssapi_login&) = delete;
    gssapi_login& operator=(const gssapi_login&) = delete;
    ~gssapi_login() override {
        OM_uint32 ignored = 0;
        if (context_ != GSS_C_NO_CONTEXT) ::gss_delete_sec_context(&ignored, &context_, GSS_C_NO_BUFFER);
        if (target_ != GSS_C_NO_NAME) ::gss_release_name(&ignored, &target_);
    }

    /// `data` names the server's principal and, after a NUL, the mechanism, which the tokens say too.
    auth_step start(blob_view data, blob& out) override {
        if (principal_.empty()) {
            const std::string_view text = as_text(data);
            principal_ = text.substr(0, text.find('\0'));
        }
        if (principal_.empty()) throw_gssapi("the server names no principal: expected one, or one in gssapi()");
        import_target();
        return step({}, out);
    }

    auth_step more(blob_view data, blob& out) override {
        if (complete_) throw_gssapi("the server sends " + std::to_string(data.size()) + " bytes after the last token");
        return step(data, out);
    }

    void accepted() override {
        if (!complete_) throw_gssapi("the server has not proved that it is '" + principal_ + "'");
    }

private:
    void import_target() {
        gss_buffer_desc name{principal_.size(), principal_.data()};
        OM_uint32 minor = 0;
        const OM_uint32 major = ::gss_import_name(&minor, &name, GSS_C_NT_USER_NAME, &target_);
        if (GSS_ERROR(major) != 0) fail("no principal can be made of", major, minor);
    }

    auth_step step(blob_view token, blob& out) {
        gss_buffer_desc in{token.size(), const_cast<std::byte*>(token.data())}; // only read
        gss_buffer_desc made = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor = 0;
        const OM_uint32 major = ::gss_init_sec_context(
            &minor, GSS_C_NO_CREDENTIAL, &context_, target_, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
            GSS_C_NO_CHANNEL_BINDINGS, token.empty() ? GSS_C_NO_BUFFER : &in, nullptr, &made, nullptr, nullptr);
        const std::size_t size = made.length;
        const auto release = [](gss_buffer_desc* b) {
            OM_uint32 ignored = 0;
            ::gss_release_buffer(&ignored, b);
        };
        const std::unique_ptr<gss_buffer_desc, decltype(release)> scope(&made, release);
        if (GSS_ERROR(major) != 0) fail("no security context with", major, minor);
        complete_ = (major & GSS_S_CONTINUE_NEEDED) == 0;
        const auto* bytes = static_cast<const std::byte*>(made.value);
        if (size != 0) out.insert(out.end(), bytes, bytes + size);
        return size != 0 ? auth_step::send : auth_step::wait;
    }

    [[noreturn]] void fail(std::string_view what, OM_uint32 major, OM_uint32 minor) const {
        throw_gssapi(std::string(what) + " '" + principal_ + "': " + gssapi_message(major, minor));
    }

    std::string principal_;
    gss_name_t target_ = GSS_C_NO_NAME;
    gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
    bool complete_ = false;
};

class gssapi_plugin final : public plugin {
public:
    explicit gssapi_plugin(std::string principal) : principal_(std::move(principal)) {}
    std::string_view name() const noexcept override { return "auth_gssapi_client"; }
    std::unique_ptr<plugin_login> begin() const override { return std::make_unique<gssapi_login>(principal_); }

private:
    std::string principal_;
};

} // namespace detail

/// Logs in with the ticket of the user the process runs as (as `kinit` got it), when the server asks for that:
/// `options.plugins.push_back(mysql::auth::gssapi())`. Server and client both prove who they are. `principal` is the
/// server's; empty: the one it names itself. Logins that fail throw operational_error 2061 with what the library says.
/// They may wait for the key distribution centre, whatever the connect timeout.
inline std::shared_ptr<const plugin> gssapi(std::string principal = {}) {
    return std::make_shared<const detail::gssapi_plugin>(std::move(principal));
}

} // namespace weft::inline v0::mysql::auth
