// Whoever opens the page may have been sent there by somebody who waits for the key. So it says what the key
// is good for, from where it was asked for, and shows nothing that the one who asked could have worded.
#include "web/web_login_page.hpp"

#include <algorithm>

#include "base/html_text.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "web/assets.hpp"

namespace lodestone::web {

namespace {

std::string_view find_style() {
    for (const http::Asset& asset : console_assets())
        if (asset.path.starts_with("/assets/") && asset.path.ends_with(".css")) return asset.path;
    return {};
}

std::string render_page(std::string_view title, std::string_view content) {
    std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>";
    page.append(escape_html(title)).append(" - Lodestone</title>\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page.append("<link rel=\"stylesheet\" href=\"").append(find_style()).append("\">\n</head>\n<body>\n");
    page += "<main><section class=\"card narrow\">\n<h1>";
    page.append(escape_html(title)).append("</h1>\n").append(content);
    return page + "</section></main>\n</body>\n</html>\n";
}

void append_field(std::string& out, std::string_view words, std::string_view attributes) {
    out.append("<label class=\"field\"><span>").append(words).append("</span><input ").append(attributes);
    out += " required></label>\n";
}

void append_hidden(std::string& out, std::string_view name, std::string_view value) {
    out.append("<input type=\"hidden\" name=\"").append(name).append("\" value=\"");
    out.append(escape_html(value)).append("\">\n");
}

// Who is asked to confirm has just typed a command, or has been lured.
void append_question(std::string& out, const WebLoginForm& form) {
    const identity::WebLogin& login = *form.login;
    out += "<p>A program asks to be signed in, for the <b>" + escape_html(login.format) +
           "</b> repository <code>" + escape_html(form.tenant) + '/' + escape_html(login.repository) +
           "</code>. It asked from the address <b>" + escape_html(login.address) + "</b> at " +
           render_rfc3339(login.created_at) + ".</p>\n";
    out +=
        "<p class=\"note\">Go on only if you have just typed that command yourself. The program gets a key "
        "that may do whatever you may. If somebody sent you here, close this page.</p>\n";
}

void append_claim(std::string& out, const WebLoginForm& form) {
    out += "<label><input type=\"checkbox\" name=\"is_mine\" value=\"yes\" required> ";
    out += form.is_from_elsewhere ? "That address is not the one that you come from now. The program that "
                                    "asked there is mine all the same."
                                  : "I have just typed that command myself.";
    out += "</label>\n";
}

void open_form(std::string& out, const WebLoginForm& form) {
    out += "<form class=\"form\" method=\"post\" action=\"" + escape_html(form.address) + "\">\n";
}

constexpr std::string_view end_of_form =
    "<button type=\"submit\" class=\"primary\">Sign in</button>\n</form>\n";

void append_code_form(std::string& out, const WebLoginForm& form) {
    open_form(out, form);
    append_hidden(out, "challenge", form.challenge);
    if (form.is_said_to_be_mine) append_hidden(out, "is_mine", "yes");
    append_field(out, "Code of your second factor, or a recovery code",
                 "name=\"code\" autocomplete=\"one-time-code\"");
    out += end_of_form;
}

void append_password_form(std::string& out, const WebLoginForm& form) {
    if (!form.ways.takes_passwords) return;
    open_form(out, form);
    append_field(out, "User name or e-mail address",
                 "name=\"name\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"");
    append_field(out, "Password", "type=\"password\" name=\"password\" autocomplete=\"current-password\"");
    if (form.is_from_elsewhere) append_claim(out, form);
    out += end_of_form;
}

// A form of its own, whose buttons say to which provider. It needs no name and no password, and a provider
// may ask for nothing: so it is never a single click, which somebody may be led to.
void append_provider_form(std::string& out, const WebLoginForm& form) {
    if (form.ways.providers.empty()) return;
    open_form(out, form);
    append_claim(out, form);
    for (const auto& provider : form.ways.providers) {
        out += "<button type=\"submit\" class=\"primary\" name=\"provider\" value=\"";
        out.append(escape_html(provider.id.text())).append("\">Sign in with ");
        out.append(escape_html(provider.name)).append("</button>\n");
    }
    out += "</form>\n";
}

}  // namespace

std::string render_web_login_form(const WebLoginForm& form) {
    std::string content;
    append_question(content, form);
    if (!form.challenge.empty()) {
        append_code_form(content, form);
    } else {
        append_password_form(content, form);
        append_provider_form(content, form);
        if (!form.ways.takes_passwords && form.ways.providers.empty())
            content +=
                "<p class=\"verdict\" role=\"alert\">There is no way to sign in here: this organisation "
                "takes no passwords, and has no provider that is in use.</p>\n";
    }
    return render_page("Sign in", content);
}

std::string render_web_login_note(const WebLoginNote& note) {
    std::string content = "<p class=\"verdict\" role=\"";
    content.append(note.is_refusal ? "alert" : "status").append("\">");
    content.append(escape_html(note.text)).append("</p>\n");
    if (!note.again.empty()) content += "<p><a href=\"" + escape_html(note.again) + "\">Try again</a></p>\n";
    return render_page(note.title, content);
}

}  // namespace lodestone::web
